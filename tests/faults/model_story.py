"""What happened in a run, for a person."""

from tests.faults.model_world import World


def story(world: World) -> str:
    """Return the promises that broke, and what happened until then, a line a turn."""
    lines = ["; ".join(f"{promise}: {why}" for promise, why in world.broken), str(world.setting)]
    last = ""
    for at, who, what in world.story:
        if who == last and who.strip():
            lines[-1] += f", {what}"
        else:
            lines.append(f"{at:9.3f} s {who:>4} {what}")
        last = who
    return "\n".join(lines)

"""`python -m worker.entrypoints.web`: what `coleta web` does."""

from worker.entrypoints.web.server import serve

if __name__ == "__main__":
    serve()

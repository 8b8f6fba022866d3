"""`coleta up`: the whole service in one terminal, each process started, watched and started again."""

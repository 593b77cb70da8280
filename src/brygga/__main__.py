"""`python -m brygga` is the command `brygga`."""

if __name__ == "__main__":
    # Inside: a web server's worker process imports this file again, and needs nothing of it.
    from brygga.cli.main import main

    main()

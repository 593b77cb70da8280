"""`python -m brygga` is the command `brygga`."""

from brygga.cli.main import main

if __name__ == "__main__":
    main()

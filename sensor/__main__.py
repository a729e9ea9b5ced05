"""`python -m sensor`."""

from sensor.app import main

if __name__ == "__main__":
    main()

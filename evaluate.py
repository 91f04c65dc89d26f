"""Score methods side by side: ``python evaluate.py --help``."""

from hdr_lightning.commands.evaluate import main

if __name__ == "__main__":
    main()

"""Train a fusion network: ``python train.py --help``."""

from hdr_lightning.commands.train import main

if __name__ == "__main__":
    main()

"""Train a fusion network: ``python train.py --help``."""

from hdr_lightning.train import main

if __name__ == "__main__":
    main()

"""The command `hdr-fuse`: photographs in, one photograph out. Heavy imports wait until there is work."""

import sys
from collections.abc import Sequence

from hdr_lightning.brackets.options import parser_of
from hdr_lightning.commands.loading import loading
from hdr_lightning.errors import command


@command
def main(words: Sequence[str] | None = None) -> None:
    """Run the command on the words of the command line; leaves with status 1 if anything failed."""
    parser = parser_of()
    options = parser.parse_args(words)
    if not options.inputs and not options.methods:
        parser.error("expected images, folders, patterns or - (and --help tells more)")
    if options.methods:
        from hdr_lightning.brackets.preparing import print_methods

        print_methods()
        return
    with loading():
        from hdr_lightning.brackets.head_start import head_start

        begin = head_start(options)
        from hdr_lightning.brackets.batch import run
    if not run(options, begin):
        sys.exit(1)


if __name__ == "__main__":
    main()

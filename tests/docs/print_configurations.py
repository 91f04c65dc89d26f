"""Prints no configuration of those asked for on standard input, but what each of them is wrong with."""

import contextlib
import importlib
import io
import json
import sys
import traceback


def fault(name: str, words: list[str]) -> str | None:
    """What `python NAME.py WORDS` says is wrong, without running it."""
    main = importlib.import_module(f"hdr_lightning.commands.{name}").main
    sys.argv = [f"{name}.py", *words, "--cfg", "job"]
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            main()
    except SystemExit as end:
        return f"{end.code} {output.getvalue()}" if end.code else None
    except Exception:
        return traceback.format_exc()
    return None


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    json.dump([fault(name, words) for name, words in asked], sys.stdout)

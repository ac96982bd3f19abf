"""``scaffold`` and ``python -m scaffold``."""

import gc
import sys


def main() -> None:
    """The command line; Ctrl-C ends it quietly while it is still being loaded, too."""
    gc.disable()  # a command is over before it has made garbage that counts
    try:
        from scaffold import cli
    except KeyboardInterrupt:
        sys.stderr.write("scaffold: interrupted; nothing was written\n")
        raise SystemExit(130) from None
    cli.main()


if __name__ == "__main__":
    main()

"""``scaffold`` and ``python -m scaffold``."""

import gc
import sys


def main() -> None:
    """The command line; Ctrl-C ends it quietly while it is still being loaded or ends, too."""
    try:
        gc.disable()  # a command is over before it has made garbage that counts
        from scaffold import cli

        cli.main()
    except KeyboardInterrupt:
        sys.stderr.write("scaffold: interrupted; nothing was left half done\n")
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()

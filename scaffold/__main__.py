"""``scaffold`` and ``python -m scaffold``."""

import sys


def main() -> None:
    """The command line; Ctrl-C ends it quietly while it is still being loaded, too."""
    try:
        from scaffold import cli
    except KeyboardInterrupt:
        sys.stderr.write("scaffold: interrupted; nothing was written\n")
        raise SystemExit(130) from None
    cli.main()


if __name__ == "__main__":
    main()

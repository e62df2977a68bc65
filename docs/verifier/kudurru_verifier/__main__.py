import os
import sys

from .command import main

code = main(sys.argv[1:])
try:
    sys.stdout.flush()
except OSError:
    os._exit(3)  # what was to be written would be tried once more at the end, and its failure told by another code
sys.exit(code)

"""Nothing heavy is imported before it is used."""

import subprocess
import sys


def test_importing_tilewise_imports_nothing_heavy():
    heavy = "{'torch', 'numpy', 'rich', 'click', 'llvmlite'}"
    program = f"import sys, tilewise; assert not {heavy} & set(sys.modules), {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)

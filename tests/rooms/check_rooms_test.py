#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""check_rooms.py can fail: each violation planted in a copy of the tree is found, in its file, and nothing else is."""

import shutil
import sys
import tempfile
from pathlib import Path

import check_rooms

LGPL = "// SPDX-License-Identifier: LGPL-3.0-or-later\n"
AGPL = "// SPDX-License-Identifier: AGPL-3.0-or-later\n"

# (file, its text, what the violation's line must say; None: allowed)
PLANTED = [
    ("libshared/base/planted.h", LGPL + '#include "sys/clock.h"\n', "base must not include sys"),
    ("libshared/crypto/planted.h", LGPL + '#include "sys/files.h"\n', "crypto must not include sys"),
    ("libshared/proof/planted.h", LGPL + '#include "format/json.h"\n', "proof must not include format"),
    ("libshared/format/planted.h", LGPL + '#include "proof/tree.h"\n', None),
    ("libshared/client/planted.cpp", LGPL + '#include "host/host.h"\n', "client must not include host"),
    ("libshared/host/planted.cpp", LGPL + '  #  include "client/put.h"\n', "host must not include client"),
    ("libshared/cli/planted.cpp", LGPL + '#include "net/http.h"\n', "cli must not include net"),
    ("libshared/net/planted.cpp", LGPL + '#include "format/json.h"\n', "net must not include format"),
    ("libshared/net/planted_test.cpp", LGPL + '#include "format/json.h"\n', None),
    ("libshared/base/planted.cpp", LGPL + '#include "bytes.h"\n', 'name it as "room/file.h"'),
    ("libshared/util/planted.h", LGPL, "no room of the architecture: util"),
    ("libshared/net/planted.h", LGPL + "#include <boost/beast/http.hpp>\n", "Beast stays"),
    ("libshared/client/planted.h", LGPL + "#include <boost/beast/http.hpp>\n", "Beast stays"),
    ("libshared/net/planted.cpp", LGPL + "#include <boost/beast/http.hpp>\n", None),
    ("libshared/keys/planted.h", LGPL + "#include <boost/asio.hpp>\n", "keys must not include Boost"),
    ("tools/inxt-planted/main.cpp", AGPL + "#include <boost/beast/http.hpp>\n", "Beast stays"),
    ("libshared/store/planted.h", LGPL + "#include <sqlite3.h>\n", "SQLite and PostgreSQL stay"),
    ("libshared/host/planted.cpp", LGPL + "#include <pqxx/pqxx>\n", "SQLite and PostgreSQL stay"),
    ("libshared/client/planted.cpp", LGPL + '#include "database/database.h"\n', "client must not include database"),
    ("tools/inxt-planted/main.cpp", AGPL + '#include "../inxt-host/options.h"\n', "its own folder"),
    ("tools/inxt-planted/main.cpp", AGPL + '#include "client/put.h"\n#include "options.h"\n', None),
    ("libshared/base/planted.h", "#pragma once\n" + LGPL, "does not begin with its SPDX"),
    ("libshared/base/planted.h", AGPL, "licence AGPL-3.0-or-later"),
    ("libshared/base/planted_test.cpp", AGPL, None),
    ("tools/inxt-planted/main.cpp", LGPL, "licence LGPL-3.0-or-later"),
    ("scripts/planted", "#!/bin/sh\n# SPDX-License-Identifier: AGPL-3.0-or-later\n", None),
    ("scripts/planted", "#!/bin/sh\n", "does not begin with its SPDX"),
    ("tests/planted.py", "import os\n", "does not begin with its SPDX"),
    ("docs/planted.md", "notes\n", "docs: no top-level entry"),
    ("libshared/base/planted.h", LGPL + "\n" * check_rooms.FILE_LINES_MAX, "lines, more than"),
    ("libshared/base/planted.h", LGPL + "\n" * (check_rooms.FILE_LINES_MAX - 1), None),
    ("libshared/plan/planted.cpp", LGPL + "#include <fcntl.h>\n", "does no IO"),
    ("libshared/plan/planted.cpp", LGPL + "auto now = std::chrono::system_clock::now();\n", "does no IO"),
    ("libshared/proof/planted.cpp", LGPL + "std::random_device source;\n", "does no IO"),
    ("libshared/format/planted.cpp", LGPL + 'std::ofstream out("x");\n', "does no IO"),
    ("libshared/format/planted.cpp", LGPL + 'int fd = ::open("x", 0);\n', "does no IO"),
    ("libshared/format/planted.cpp", LGPL + "auto now = std::time(nullptr);\n", "does no IO"),
    ("libshared/erasure/planted.cpp", LGPL + 'FILE* f = fopen("x", "r");\n', "does no IO"),
    ("libshared/crypto/planted.cpp", LGPL + "int s = socket(1, 2, 3);\n", "does no IO"),
    ("libshared/format/planted.cpp", LGPL + '// not an fopen(\nauto t = fields.time("iat");\n'
     'auto g = Generation::open(a, b);\nauto text = "random_device socket(";\n', None),
]


def found_in(tree):
    return set(check_rooms.violations(tree))


def main():
    source = Path(sys.argv[1]).resolve()
    problems = []
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "tree"
        for path in check_rooms.files_of(source):
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copy(source / path, tree / path)
            except FileNotFoundError:  # an editor's temporary file has gone
                pass
        before = found_in(tree)
        for name, text, wanted in PLANTED:
            path = tree / name
            made = [folder for folder in path.parents if not folder.exists()]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            new = found_in(tree) - before
            if wanted is None and new:
                problems.append(f"{name}: allowed, but: {new}")
            elif wanted is not None and (len(new) != 1 or wanted not in next(iter(new)) or
                                         not next(iter(new)).startswith((name, name.split("/")[0] + ":"))):
                problems.append(f"{name}: wanted one line with {wanted!r}, got {new or 'none'}")
            path.unlink()
            for folder in made:
                folder.rmdir()
    check_rooms.ARROWS["base"].add("cli")
    if not any("circle" in line for line in check_rooms.check_arrow_table()):
        problems.append("a circle in the table of arrows is not found")
    print("\n".join(problems) if problems else f"{len(PLANTED) + 1} plants told apart")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-tree(5), FOLDING: from the entries of a log to names, versions, notes, shares, segments.

Written to be read: every rule looks at the whole tree.  The limits past a million names are left out.
"""

from .logs import DEPTH_MAX, NAME_BYTES_MAX, path_parts

FOLDER_MODE = 0o755
KEEP_VERSIONS_S = 30 * 86400
CONFLICT_NAMES_MAX = 1000
NOTES_MAX = 1000


def conflict_name(name, seq, number):
    dot = name.rfind(".")
    has_extension = dot > 0 and len(name[dot:].encode()) <= 16
    stem, extension = (name[:dot], name[dot:]) if has_extension else (name, "")
    mark = f" (conflict {seq})" if number == 1 else f" (conflict {seq}-{number})"
    room = NAME_BYTES_MAX - len(mark) - len(extension.encode())
    return stem.encode()[:room].decode(errors="ignore") + mark + extension


class Folder:
    def __init__(self, mode):
        self.mode = mode
        self.children = {}

    def height(self):
        return 1 + max((c.height() if isinstance(c, Folder) else 1 for c in self.children.values()),
                       default=0)


class Tree:
    def __init__(self):
        self.root = Folder(FOLDER_MODE)
        self.unnamed, self.kept, self.notes, self.shares, self.segments = {}, [], [], {}, []
        self.keep_versions_s = KEEP_VERSIONS_S

    # --- the parts of every rule

    def note(self, said, kind, path="", other=""):
        self.notes = [*self.notes, [kind, said["seq"], said["uploader"], path, other]][-NOTES_MAX:]

    def keep(self, said, version, path, why):
        self.kept.append({"version": version, "path": path, "why": why, "seq": said["seq"],
                          "time": max(said["time"], said["owner_time"])})

    def find(self, names):
        at = self.root
        for name in names:
            if not isinstance(at, Folder) or name not in at.children:
                return None
            at = at.children[name]
        return at

    def beside(self, said, folder, name, take_folder=False):
        """A free name, or that of a folder where one will do."""
        for number in range(1, CONFLICT_NAMES_MAX + 1):
            other = conflict_name(name, said["seq"], number)
            if other not in folder.children or (take_folder and isinstance(folder.children[other], Folder)):
                return other
        return None

    def make_folders(self, said, names, mode=FOLDER_MODE):
        """The names that the folder has in the end; None where there is no place."""
        at, real = self.root, []
        for i, name in enumerate(names):
            if name in at.children and not isinstance(at.children[name], Folder):
                name = self.beside(said, at, name, take_folder=True)
                if name is None:
                    return None
            at.children.setdefault(name, Folder(mode if i + 1 == len(names) else FOLDER_MODE))
            at = at.children[name]
            real.append(name)
        return real

    def walk(self, folder=None, names=()):
        """(path, node), a folder before what is in it, names by their bytes."""
        folder = folder or self.root
        for name in sorted(folder.children, key=str.encode):
            node = folder.children[name]
            yield "/" + "/".join((*names, name)), node
            if isinstance(node, Folder):
                yield from self.walk(node, (*names, name))

    def versions(self):
        yield from (node for _, node in self.walk() if not isinstance(node, Folder))
        yield from (self.unnamed[one] for one in sorted(self.unnamed))

    # --- operations

    def apply(self, said, op):
        getattr(self, "op_" + op["op"])(said, op)

    def op_put(self, said, op):
        version = {name: op[name] for name in ("object", "record", "bytes", "mtime", "mode")}
        version.update(metadata=op.get("metadata", {}), seq=said["seq"], uploader=said["uploader"])
        base = op.get("base", ...) if said["uploader"] == 0 else None
        if "path" in op:
            self.place(said, op["path"], base, version)
            return
        there = self.unnamed.get(op["object"])
        if there is None:
            if base is not ... and base is not None:
                self.note(said, "put_again")
            self.unnamed[op["object"]] = version
        elif there["record"] == op["record"]:
            pass
        elif base is ... or base == there["record"]:
            self.unnamed[op["object"]] = version
            self.keep(said, there, "", "overwritten")
        else:
            self.note(said, "conflict_copy", "", "a kept version")
            self.keep(said, version, "", "conflict")

    def place(self, said, path, base, version):
        names = path_parts(path)
        real = self.make_folders(said, names[:-1])
        if real is None:
            self.note(said, "limit", path)
            self.keep(said, version, path, "conflict")
            return
        folder, name = self.find(real), names[-1]
        there = folder.children.get(name)
        if there is None:
            if base is not ... and base is not None:
                self.note(said, "put_again", path)
            folder.children[name] = version
            return
        if not isinstance(there, Folder):
            if there["record"] == version["record"]:
                return
            if base is ... or base == there["record"]:
                folder.children[name] = version
                self.keep(said, there, "/" + "/".join((*real, name)), "overwritten")
                return
        other = self.beside(said, folder, name)
        if other is None:
            self.note(said, "limit", path)
            self.keep(said, version, path, "conflict")
            return
        folder.children[other] = version
        self.note(said, "conflict_copy", path, "/" + "/".join((*real, other)))

    def op_mkdir(self, said, op):
        names = path_parts(op["path"])
        real = self.make_folders(said, names[:-1])
        if real is None:
            self.note(said, "limit", op["path"])
            return
        folder = self.find(real)
        if names[-1] not in folder.children:
            folder.children[names[-1]] = Folder(op["mode"])
        elif not isinstance(folder.children[names[-1]], Folder):
            self.note(said, "name_taken", op["path"])

    def op_mv(self, said, op):
        source, names = path_parts(op["from"]), path_parts(op["to"])
        node = self.find(source)
        if node is None:
            self.note(said, "nothing_there", op["from"])
            return
        if source == names:
            return
        if names[:len(source)] == source:
            self.note(said, "into_itself", op["from"], op["to"])
            return
        if len(names) - 1 + (node.height() if isinstance(node, Folder) else 1) > DEPTH_MAX:
            self.note(said, "too_deep", op["from"], op["to"])
            return
        real = self.make_folders(said, names[:-1])
        if real is None:
            self.note(said, "limit", op["from"])
            return
        if real[:len(source)] == source:
            self.note(said, "into_itself", op["from"], op["to"])
            return
        folder, name = self.find(real), names[-1]
        there = folder.children.get(name)
        if there is node:
            return
        if there is not None:
            if isinstance(there, Folder) or isinstance(node, Folder):
                name = self.beside(said, folder, name)
                if name is None:
                    self.note(said, "limit", op["from"])
                    return
            else:
                self.keep(said, there, "/" + "/".join((*real, name)), "overwritten")
        del self.find(source[:-1]).children[source[-1]]
        folder.children[name] = node
        now = "/" + "/".join((*real, name))
        if name != names[-1]:
            self.note(said, "conflict_copy", op["to"], now)
        for share in self.shares.values():
            if share["what"] == op["from"] or share["what"].startswith(op["from"] + "/"):
                share["what"] = now + share["what"][len(op["from"]):]

    def op_rm(self, said, op):
        names = path_parts(op["path"])
        node = self.find(names)
        if node is None:
            self.note(said, "nothing_there", op["path"])
            return
        if isinstance(node, Folder) and node.children and not op["recursive"]:
            self.note(said, "not_empty", op["path"])
            return
        # Files are kept level by level, the lowest first, the last name first.
        level, levels = [(op["path"], node)], []
        while level:
            levels.append(level)
            level = [(f"{path}/{name}", one.children[name]) for path, one in level if isinstance(one, Folder)
                     for name in sorted(one.children, key=str.encode)]
        for path, one in (pair for level in reversed(levels) for pair in reversed(level)):
            if not isinstance(one, Folder):
                self.keep(said, one, path, "removed")
        del self.find(names[:-1]).children[names[-1]]

    def op_rm_object(self, said, op):
        if op["object"] in self.unnamed:
            self.keep(said, self.unnamed.pop(op["object"]), "", "removed")
        else:
            self.note(said, "nothing_there")

    def op_purge(self, said, op):
        records = set(op["records"])
        owners = {kept["version"]["record"] for kept in self.kept if kept["version"]["uploader"] == 0}
        for version in self.versions():
            holds = version["uploader"] == 0 or version["record"] not in owners
            if holds and version["record"] in records:
                records.remove(version["record"])
                self.note(said, "in_use", "", version["record"])
        self.kept = [kept for kept in self.kept if kept["version"]["record"] not in records]

    def op_restore(self, said, op):
        kept = [one for one in self.kept if one["version"]["record"] == op["record"]]
        if kept:
            # The owner's own before one that a delegated uploader named, then this path's, then the latest.
            found = sorted(kept, key=lambda one: (one["version"]["uploader"] == 0, one["path"] == op["path"]))[-1]
            self.kept = [one for one in self.kept if one is not found]
            version = found["version"]
        else:
            shown = [v for v in self.versions() if v["record"] == op["record"]]
            version = next((v for v in shown if v["uploader"] == 0), shown[0] if shown else None)
        if version is None:
            self.note(said, "nothing_there", op["path"])
            return
        self.place(said, op["path"], ..., {**version, "seq": said["seq"]})

    def op_share(self, said, op):
        self.shares[op["share"]] = {"what": op["what"], "expires": op["expires"],
                                    "secret": op.get("secret", ""), "recipient": op.get("recipient", "")}

    def op_unshare(self, said, op):
        self.shares.pop(op["share"], None)

    def op_segment(self, said, op):
        first, last = op["first"], op["last"]
        for other in self.segments:
            if other[0] <= first and last <= other[1] and other[:2] != [first, last]:
                return
        self.segments = [s for s in self.segments if not (first <= s[0] and s[1] <= last)]
        self.segments.append([first, last, op["bytes"], op["manifest"]])
        self.segments.sort(key=lambda segment: segment[0])

    def op_settings(self, said, op):
        self.keep_versions_s = op["keep_versions_s"]

    # --- shown

    def shown(self):
        def version(one):
            return {**one, "metadata": dict(one["metadata"])}
        names = [[path, {"mode": node.mode}] if isinstance(node, Folder) else [path, version(node)]
                 for path, node in self.walk()]
        return {"names": names,
                "unnamed": [version(self.unnamed[one]) for one in sorted(self.unnamed)],
                "kept": [{**one, "version": version(one["version"])} for one in self.kept],
                # What the others say is for people.
                "notes": [[*note[:4], note[4] if note[0] in ("conflict_copy", "into_itself", "too_deep", "in_use")
                           else ""] for note in self.notes],
                "shares": [[one, *self.shares[one].values()] for one in sorted(self.shares)],
                "segments": self.segments, "keep_versions_s": self.keep_versions_s}


def fold(entries):
    """`entries`: what logs.read_log gives."""
    tree = Tree()
    for said, ops in entries:
        if ops is None:
            tree.note(said, "refused")
        for op in ops or ():
            tree.apply(said, op)
    return tree

#!/usr/bin/env python3
"""A model of the run, explored in every order of its effects with crashes and
overwritten exports in between.

The model has the raw bucket and the lake with their versions, the catalog's
table with its lock, the target table, and the ledger; the run has the steps of
src/dataset, each an effect or a commit, in both modes of publishing.  Between
any two of them the backend may be killed (another CALL follows), a raw file
may be replaced, and a stranger may write an object at the final key.  After
each step a reader looks, and at the end:

  whole      a reader of the table sees one whole published version, and never
             none once there was one
  lost       the newest export of each file is readable in raw, or published
  left       no raw version is left of what was published and purged
  doubled    nothing but one object is visible where readers read
  mixed      published rows come from the versions that one run has pinned
  twice      a run's rows are put at the final key once
  stolen     no object of a stranger's is replaced that the run has not looked at
  stranded   each schedule ends with no open run, no staged object and no
             unfinished upload
  target     the target table has the published rows

A rule that is never broken proves little, so that each of the run's
precautions is also left out once (a mutant), and the model must notice.
Prints TAP.

usage: test_run_model.py [--table]		(--table: print each count)
"""
import os
import sys

FILES = ("Account", "Opportunity")
MARKER = "delete marker"
THEIRS = "a stranger's rows"
FINAL_KEY = "sales/sales.parquet"
KEEP_RUNS = 2


class Broken(Exception):
    """The run raises: the CALL ends, and another one follows."""


class World:
    def __init__(self):
        self.newest = {file: 1 for file in FILES}
        self.raw = {file: [1] for file in FILES}    # versions, oldest first
        self.lake = {}          # key -> versions: (number, rows), oldest first
        self.uploads = set()    # keys of unfinished uploads
        self.version = 0
        self.table = None       # the catalog's: {"location", "lock"}
        self.target = None      # the rows of the target table
        self.runs = []          # the ledger
        self.broken = set()
        self.was_published = False

    def current(self, file):
        versions = self.raw[file]
        return versions[-1] if versions and versions[-1] != MARKER else None

    def overwrite(self, file):
        self.newest[file] += 1
        self.raw[file].append(self.newest[file])

    def put(self, key, rows):
        self.version += 1
        self.lake.setdefault(key, []).append((self.version, rows))
        return self.version

    def find(self, key):
        versions = self.lake.get(key, [])
        return versions[-1] if versions else None

    def visible(self, location):
        """What a reader of a folder reads: hidden names it does not."""
        names = [key[len(location):] for key in self.lake if key.startswith(location) and self.lake[key]]
        return [name for name in names if not any(part.startswith("_") for part in name.split("/"))]

    def look(self):
        """A reader looks at the table."""
        if self.table is None:
            if self.was_published:
                self.broken.add("whole: the table is gone")
            return
        found = self.visible(self.table["location"])
        if not found:
            self.broken.add("whole: the table has no object")
        if len(found) > 1:
            self.broken.add("doubled: the table has more than one object")
        for name in found:
            if self.find(self.table["location"] + name)[1] == "half":
                self.broken.add("whole: the object is half written")


def published(world):
    """The rows that readers see at the end."""
    if world.table is None:
        return None
    names = world.visible(world.table["location"])
    return world.find(world.table["location"] + names[0])[1] if names else None


class Run:
    """One CALL; each yield is a place where it can be killed."""

    def __init__(self, world, mode, without=""):
        self.world, self.mode, self.without = world, mode, without

    def steps(self):
        try:
            yield from self.call()
        except Broken:
            return

    def call(self):
        yield from self.sweep_ended()
        for _ in range(6):
            open_run = next((run for run in self.world.runs if run["state"] not in ("closed", "refused")), None)
            if open_run is None:
                begun = yield from self.discover()
                if not begun:
                    break
            else:
                yield from getattr(self, open_run["state"])(open_run)
        yield from self.retire()

    def discover(self):
        world = self.world
        listed = {file: list(world.raw[file]) for file in FILES}
        yield
        pinned = {file: next(iter(listed[file][-1:]), None) for file in FILES}
        if any(version in (None, MARKER) for version in pinned.values()):
            return False
        last = next((run for run in reversed(world.runs) if run["state"] == "closed"), None)
        if last is not None and last["pinned"] == pinned:
            return False
        number = len(world.runs) + 1
        world.runs.append({"number": number, "state": "discovered", "listed": listed, "pinned": pinned, "attempt": 0,
                           "key": FINAL_KEY if self.mode == "inplace" else f"sales/_runs/{number}/sales.parquet"})
        yield
        return True

    def discovered(self, run):
        rows = {}
        for file in FILES:
            version = self.world.current(file) if self.without == "pins" else run["pinned"][file]
            if version not in self.world.raw[file]:
                run["state"] = "refused"    # superseded: the next one discovers anew
                yield
                return
            rows[file] = version
            yield
        if self.without == "one transaction":
            run["state"] = "materialized"
            yield
        self.world.target = rows
        run["rows"] = rows
        run["state"] = "materialized"
        yield

    def materialized(self, run):
        if run["attempt"] > 0:
            self.clear_staging(run)
            yield
        run["attempt"] += 1
        run["staged"] = f"sales/_staging/{run['number']}.{run['attempt']}.parquet"
        if self.without == "a hidden folder":
            run["staged"] = f"sales/{run['number']}.{run['attempt']}.parquet"
        yield
        self.world.uploads.add(run["staged"])
        yield
        if run.get("rows") is None:
            run["rows"] = self.world.target
        run["staged_version"] = self.world.put(run["staged"], run["rows"])
        self.world.uploads.discard(run["staged"])
        yield
        run["state"] = "staged"
        yield

    def staged(self, run):
        found = self.world.find(run["staged"])
        yield
        run["state"] = "verified" if found is not None and found[1] == run["rows"] else "materialized"
        yield

    def verified(self, run):
        world = self.world
        if "expected" not in run or self.without == "a committed condition":
            found = world.find(run["key"])
            ours = [r["rows"] for r in world.runs if "expected" in r]
            if found is not None and ours and found[1] not in ours:
                run["state"] = "refused"    # a conflict; what is there first is taken over
                yield
                raise Broken
            run["expected"] = found[0] if found is not None else None
            yield
        if self.without == "the effect before the state":
            run["state"], run["published"] = "published", -1
            yield
        if self.without == "one step":
            run["expected"] = world.put(run["key"], "half")
            yield
        world.uploads.add(run["key"])
        yield
        found = world.find(run["key"])
        is_expected = (found[0] if found is not None else None) == run["expected"]
        if self.without == "a condition":
            is_expected = True
        staged = world.find(run["staged"])
        if is_expected and staged is not None:
            if found is not None and found[1] == THEIRS and found[0] != run["expected"]:
                world.broken.add("stolen: a stranger's object is replaced unseen")
            if any(rows == staged[1] for _, rows in world.lake.get(run["key"], [])):
                world.broken.add("twice: the same rows are published again")
            version = world.put(run["key"], staged[1])
            world.uploads.discard(run["key"])
        else:
            world.uploads.discard(run["key"])   # aborted: the condition failed
            version = found[0] if found is not None and found[1] == run["rows"] else None
            if self.without == "recognition":
                version = None
        yield
        if version is None:
            run["state"] = "refused"
            yield
            raise Broken
        run["published"], run["state"] = version, "published"
        yield

    def published(self, run):
        world = self.world
        location = run["key"].rsplit("/", 1)[0] + "/"
        present = dict(world.table) if world.table else None
        yield
        if present != world.table:      # the catalog's lock
            raise Broken
        if present is None or present["location"] != location:
            world.table = {"location": location, "lock": (present or {"lock": 0})["lock"] + 1}
        world.was_published = True
        yield
        self.clear_staging(run)
        yield
        run["state"] = "registered"
        yield

    def registered(self, run):
        world = self.world
        for file in FILES:
            doomed = world.raw[file] if self.without == "the list of discovery" else run["listed"][file]
            for version in list(doomed):
                if self.without == "versions":
                    world.raw[file].append(MARKER)
                    yield
                    break
                if version in world.raw[file]:
                    world.raw[file].remove(version)
                yield
        listed = {file: list(world.raw[file]) for file in FILES}
        yield
        if self.without != "versions" and any(set(listed[file]) & set(run["listed"][file]) for file in FILES):
            raise Broken
        run["state"] = "closed"
        yield

    def retire(self):
        """Delete what the data set keeps no longer, but not what readers see."""
        world = self.world
        if self.mode == "inplace":
            return
        ended = [run for run in world.runs if run["state"] == "closed" and not run.get("is_retired")]
        for run in ended[:-KEEP_RUNS if self.without != "kept runs" else len(ended)]:
            location = run["key"].rsplit("/", 1)[0] + "/"
            if world.table and world.table["location"] == location and self.without != "kept runs":
                continue
            world.lake.pop(run["key"], None)
            yield
            run["is_retired"] = True
            yield

    def sweep_ended(self):
        """What runs that were refused have left in staging."""
        if self.without == "sweeping":
            return
        for run in self.world.runs:
            if run["state"] == "refused" and not run.get("is_swept"):
                self.clear_staging(run)
                yield
                run["is_swept"] = True
                yield

    def clear_staging(self, run):
        if self.without == "sweeping":
            return
        world = self.world
        for key in [key for key in world.lake if key.startswith(f"sales/_staging/{run['number']}.")]:
            del world.lake[key]
        world.uploads = {key for key in world.uploads
                         if not key.startswith(f"sales/_staging/{run['number']}.") and key != run["key"]}


def judge_end(world):
    """What must hold once nothing happens any more."""
    rows = published(world)
    for file in FILES:
        newest = world.newest[file]
        is_readable = world.current(file) == newest
        is_published = rows not in (None, "half", THEIRS) and rows[file] == newest
        # What a stranger has put over it is still among the versions.
        is_kept = any(kept not in (None, "half", THEIRS) and kept[file] == newest
                      for key, versions in world.lake.items() if "_staging" not in key for _, kept in versions)
        if not is_readable and not is_published and not (rows == THEIRS and is_kept):
            world.broken.add("lost: the newest export is nowhere")
        if is_published and any(version != MARKER for version in world.raw[file]):
            world.broken.add("left: raw versions of what was published")
    if rows not in (None, THEIRS) and rows not in [run["pinned"] for run in world.runs]:
        world.broken.add("mixed: rows that no run has pinned")
    if rows not in (world.target, THEIRS) and not any(run["state"] not in ("closed", "refused") for run in world.runs) \
            and any(run["state"] == "closed" for run in world.runs):
        world.broken.add("target: other rows than those published")
    if any(run["state"] not in ("closed", "refused") for run in world.runs):
        world.broken.add("stranded: a run is open")
    # What a run that was refused in the last CALL has staged, the next one sweeps.
    ended = world.runs[-1]
    staged = [key for key in world.lake if "_staging" in key
              and not (ended["state"] == "refused" and key.startswith(f"sales/_staging/{ended['number']}."))]
    if staged or world.uploads:
        world.broken.add("stranded: staged objects or uploads")


def replay(make, choices, crashes, overwrites, strangers):
    """Follow a list of choices; the world, and the options where they end."""
    world = World()
    call = make(world).steps()
    taken = 0
    while True:
        try:
            next(call)
        except StopIteration:
            break
        world.look()
        while True:
            options = ["go"] + (["crash"] if crashes else []) + (list(FILES) if overwrites else [])
            options += ["stranger"] if strangers else []
            if len(options) == 1:
                break
            if taken == len(choices):
                return world, options
            choice = choices[taken]
            taken += 1
            if choice == "go":
                break
            if choice == "crash":
                crashes -= 1
                call = make(world).steps()
                break
            if choice == "stranger":
                strangers -= 1
                world.put(FINAL_KEY, THEIRS)
                continue
            overwrites -= 1
            world.overwrite(choice)
    for _ in range(2):          # the CALLs of the days after
        for _ in make(world).steps():
            world.look()
    world.look()
    judge_end(world)
    return world, None


def explore(make, crashes, overwrites, strangers):
    """Every schedule: how many, how many broke a rule, and which rules."""
    pending, count, broken, rules = [[]], 0, 0, {}
    while pending:
        choices = pending.pop()
        world, options = replay(make, choices, crashes, overwrites, strangers)
        if options is not None:
            pending.extend(choices + [option] for option in options)
            continue
        count += 1
        broken += bool(world.broken)
        for rule in world.broken:
            rules.setdefault(rule, choices)
    return count, broken, rules


# Crashes, overwrites, strangers.
BOUNDS = ((1, 0, 0), (0, 1, 0), (1, 1, 0), (2, 0, 0), (0, 2, 0), (2, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1))
if os.environ.get("SFDW_ALL"):      # half a minute more
    BOUNDS += ((1, 2, 0),)
MUTANT_BOUNDS = ((1, 1, 0), (0, 2, 0), (1, 0, 1))
MUTANTS = {
    "pins": "inplace",
    "one transaction": "inplace",
    "a hidden folder": "inplace",
    "a committed condition": "inplace",
    "a condition": "inplace",
    "the effect before the state": "inplace",
    "one step": "inplace",
    "recognition": "inplace",
    "the list of discovery": "inplace",
    "versions": "inplace",
    "sweeping": "inplace",
    "kept runs": "versioned",
}


def main(print_table):
    number = 0

    def ok(claim, is_true, why=""):
        nonlocal number
        number += 1
        print(f"{'ok' if is_true else 'not ok'} {number} - {claim}")
        if not is_true and why:
            print(f"# {why}")
        return is_true

    passed = True
    total = 0
    for mode in ("inplace", "versioned"):
        for bounds in BOUNDS:
            if mode == "versioned" and bounds[2]:
                continue        # nobody else writes to a run's own folder
            count, broken, rules = explore(lambda world: Run(world, mode), *bounds)
            total += count
            what = "{} crashes, {} overwrites and {} strangers".format(*bounds)
            if print_table:
                print(f"# table: {mode}, {what}: {count} schedules, {broken} broken")
            passed &= ok(f"{mode}: {count} schedules of up to {what} break no rule", broken == 0, str(rules))
    print(f"# figure: {total} schedules of the model, both modes")
    for mutant, mode in MUTANTS.items():
        broken, rules = 0, {}
        for bounds in MUTANT_BOUNDS:
            _, some, found = explore(lambda world: Run(world, mode, mutant), *bounds)
            broken += some
            rules.update(found)
        passed &= ok(f"without {mutant}: noticed in {broken} schedules ({'; '.join(sorted(rules)) or 'nothing'})", broken > 0)
    print(f"1..{number}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main("--table" in sys.argv))

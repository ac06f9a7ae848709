"""The run of two data sets over the same raw objects, as a machine of steps.

A world is the raw bucket with its versions, the lake with the data sets'
objects, their catalog tables and manifests, and the ledger with the targets.
"sales" reads Account and Opportunity, "accounts" reads Account; both purge what
they read.  A CALL is a process of its own: it takes one step at a time, each an
effect, a commit or a look at something, as the steps of src/dataset do, and
keeps between two of them only what is in its frame.  Between any two steps the
other data set's CALL may take some, a CALL may be killed, a raw file replaced,
a step refused, a stranger may write, the ledger may be put back to what it was.

What a world must never show (at any moment, or when nothing happens any more)
is in rules(), judge() and the few places that name a rule.  Worlds are values:
two of them are the same when their key() is.
"""
from typing import NamedTuple

FILES = ("Account", "Opportunity")
SETS = ("sales", "accounts")
READS = {"sales": (0, 1), "accounts": (0,)}
MARKER = 0
HALF = "half"
THEIRS = "a stranger's rows"
KEEP_RUNS = 1
OPEN = ("discovered", "materialized", "staged", "verified", "published", "registered")
PUBLISHED = ("published", "registered", "pending", "closed")
PURGED = ("registered", "pending", "closed")
ENDED = ("refused", "stopped", "abandoned")      # stopped: by a conflict, refused in the ledger


class Run(NamedTuple):
    """One row of the ledger; what is needed to recognise an effect is in it."""
    number: int             # never given twice, whatever becomes of the ledger
    dataset: int
    listed: tuple           # for each file of the data set: its versions
    pinned: tuple           # and the newest of them
    state: str = "discovered"
    rows: tuple = None      # which version of each file they are made of
    attempt: int = 0
    expected: object = ()   # version of the final key; (): nobody has looked
    version: object = None  # that was published
    is_swept: bool = False


class Frame(NamedTuple):
    """What a CALL knows between two steps."""
    at: str = "begin"
    listed: tuple = ()
    rows: tuple = ()
    found: object = None
    prepared: int = 0       # the run whose staging key is this CALL's
    published: int = 0      # the run that this CALL has published
    tried: tuple = ()       # versions that this CALL has tried to purge
    victim: tuple = ()
    has_purged: bool = False
    has_discovered: bool = False
    superseded: int = 0


FIELDS = ("raw", "newest", "lake", "uploads", "tables", "manifests", "targets", "runs", "known",
          "made", "is_copy", "was_restored", "backup", "calls", "done", "pinned", "was_seen", "broken")


class World:
    """See the module; lake: key -> versions of an object, each (rows, run)."""
    __slots__ = FIELDS

    def __init__(self):
        self.raw, self.newest = ((1,), (1,)), (1, 1)
        self.lake = {}
        self.uploads = frozenset()
        self.tables, self.manifests, self.targets = (None, None), (0, 0), (None, None)
        self.runs, self.known = (), frozenset()
        self.made = 0
        self.is_copy = self.was_restored = False
        self.backup = None
        self.calls = (None, None)
        self.done = ((0, 0), (0, 0))    # what was ever published of each file
        self.pinned = frozenset()       # what runs have ever pinned
        self.was_seen = (False, False)
        self.broken = frozenset()

    def copy(self):
        other = World.__new__(World)
        for field in FIELDS:
            setattr(other, field, getattr(self, field))
        other.lake = dict(self.lake)
        return other

    def key(self):
        return tuple(tuple(sorted(self.lake.items())) if field == "lake" else getattr(self, field) for field in FIELDS)

    def breaks(self, rule):
        self.broken |= {rule}


def put_at(items, index, value):
    return items[:index] + (value,) + items[index + 1:]


def final_key(model, dataset, number):
    return (dataset, number if model.mode == "versioned" else 0, "")


def staging_key(run):
    return (run.dataset, run.number, f"staged {run.attempt}")


def current(world, file):
    versions = world.raw[file]
    return versions[-1] if versions and versions[-1] != MARKER else None


def top(world, key):
    """The version of a key that readers get: (number, rows, run), or None."""
    versions = world.lake.get(key)
    return (len(versions),) + versions[-1] if versions else None


def seen(world, dataset):
    """What readers of the data set's table get."""
    found = top(world, world.tables[dataset]) if world.tables[dataset] else None
    return found[1] if found else None


class Model:
    """The steps; mode is that of publishing, without the precaution left out."""

    def __init__(self, mode, without=""):
        self.mode, self.without = mode, without

    # --- the ledger

    def runs_of(self, world, dataset):
        return [run for run in world.runs if run.dataset == dataset]

    def open_run(self, world, dataset):
        return next((run for run in world.runs if run.dataset == dataset and run.state in OPEN), None)

    def write(self, world, run, **changes):
        new = run._replace(**changes)
        world.runs = tuple(new if other.number == run.number else other for other in world.runs)
        return new

    def is_owner(self, world, dataset):
        """A copy is none, nor is a ledger that lacks what was published last."""
        if self.without == "ownership":
            return True
        return not world.is_copy and (world.manifests[dataset] in (0,) + tuple(world.known))

    def go(self, world, dataset, at, **changes):
        world.calls = put_at(world.calls, dataset, world.calls[dataset]._replace(at=at, **changes))

    def end(self, world, dataset):
        world.calls = put_at(world.calls, dataset, None)

    # --- a CALL: which step is next, from the ledger

    def dispatch(self, world, dataset, **changes):
        self.go(world, dataset, "dispatch", **changes)
        frame = world.calls[dataset]
        run = self.open_run(world, dataset)
        if not self.is_owner(world, dataset):
            return self.end(world, dataset)
        if run is not None:
            at = {"discovered": "read", "materialized": "attempt", "staged": "verify", "verified": "look",
                  "published": "tell", "registered": "purge"}[run.state]
            if at == "attempt" and frame.prepared == run.number:
                at = "upload"
            if at == "look" and run.expected != () and self.without != "a committed condition":
                at = "promote"
        elif not frame.has_purged and any(r.state == "pending" for r in self.runs_of(world, dataset)):
            at = "purge"
        elif self.unswept(world, dataset):
            at = "sweep"
        elif not frame.has_discovered:
            at = "list"
        elif self.retired(world, dataset):
            at = "retire"
        else:
            return self.end(world, dataset)
        return self.go(world, dataset, at, rows=(), listed=(), found=None)

    def step(self, world, dataset):
        getattr(self, world.calls[dataset].at)(world, dataset, world.calls[dataset], self.open_run(world, dataset))

    def begin(self, world, dataset, frame, run):
        self.dispatch(world, dataset)

    def list(self, world, dataset, frame, run):
        self.go(world, dataset, "discover", listed=tuple(world.raw[file] for file in READS[SETS[dataset]]))

    def discover(self, world, dataset, frame, run):
        pinned = tuple(versions[-1] if versions else None for versions in frame.listed)
        last = next((r for r in reversed(self.runs_of(world, dataset)) if r.state in PUBLISHED), None)
        refused = next((r for r in reversed(self.runs_of(world, dataset)) if r.state == "refused"), None)
        if self.without == "new pins after a refusal" and refused is not None and frame.listed:
            pinned = refused.pinned
        is_new = last is None or last.pinned != pinned
        if any(version in (None, MARKER) for version in pinned) or not is_new:
            return self.dispatch(world, dataset, has_discovered=True)
        world.made += 1
        world.runs += (Run(world.made, dataset, frame.listed, pinned),)
        world.known |= {world.made}
        world.pinned |= {(dataset, pinned)}
        return self.dispatch(world, dataset, has_discovered=True)

    # --- materialize: one file after the other, then one commit

    def read(self, world, dataset, frame, run):
        file = READS[SETS[dataset]][len(frame.rows)]
        version = run.pinned[len(frame.rows)]
        if self.without == "pins":
            version = current(world, file)
        if version is None or version not in world.raw[file]:
            self.write(world, run, state="refused")     # superseded
            if frame.superseded >= 2:
                return self.end(world, dataset)
            return self.dispatch(world, dataset, has_discovered=False, superseded=frame.superseded + 1)
        rows = frame.rows + (version,)
        return self.go(world, dataset, "read" if len(rows) < len(run.pinned) else "materialize", rows=rows)

    def materialize(self, world, dataset, frame, run):
        if self.without == "one transaction":
            self.write(world, run, state="materialized")
            return self.go(world, dataset, "fill")
        world.targets = put_at(world.targets, dataset, frame.rows)
        self.write(world, run, state="materialized", rows=frame.rows)
        return self.dispatch(world, dataset)

    def fill(self, world, dataset, frame, run):
        world.targets = put_at(world.targets, dataset, frame.rows)
        self.write(world, run, rows=frame.rows)
        self.dispatch(world, dataset)

    # --- stage and verify

    def attempt(self, world, dataset, frame, run):
        if any(key[:2] == (dataset, run.number) and key[2] for key in list(world.lake) + list(world.uploads)) \
                and self.without != "sweeping":
            return self.clear(world, run)
        # Numbers of attempts go on for ever; what was cleared can be used again.
        run = self.write(world, run, attempt=run.attempt % 2 + 1)
        return self.dispatch(world, dataset, prepared=run.number)

    def clear(self, world, run):
        """Delete what a run has staged."""
        for key in [key for key in world.lake if key[:2] == (run.dataset, run.number) and key[2]]:
            del world.lake[key]
        world.uploads = frozenset(key for key in world.uploads if key[:2] != (run.dataset, run.number))

    def upload(self, world, dataset, frame, run):
        world.uploads |= {staging_key(run)}
        self.go(world, dataset, "put")

    def put(self, world, dataset, frame, run):
        rows = run.rows if run.rows is not None else world.targets[dataset]
        world.lake[staging_key(run)] = ((rows, run.number),)
        world.uploads -= {staging_key(run)}
        self.go(world, dataset, "stage")

    def stage(self, world, dataset, frame, run):
        self.write(world, run, state="staged", rows=run.rows if run.rows is not None else world.targets[dataset])
        self.dispatch(world, dataset, prepared=0)

    def verify(self, world, dataset, frame, run):
        found = top(world, staging_key(run))
        self.write(world, run, state="verified" if found and found[1] == run.rows else "materialized")
        self.dispatch(world, dataset)

    # --- publish: a look, its commit, the promotion on that condition, its commit

    def look(self, world, dataset, frame, run):
        found = top(world, final_key(self, dataset, run.number))
        self.go(world, dataset, "expect", found=found)

    def expect(self, world, dataset, frame, run):
        ours = [r.rows for r in self.runs_of(world, dataset) if r.expected != ()]
        found = frame.found
        if found is not None and found[1] not in ours and (ours or self.mode == "versioned") \
                and found[2] != world.manifests[dataset]:
            self.write(world, run, state="stopped")
            return self.end(world, dataset)
        self.write(world, run, expected=found[0] if found else None)
        return self.go(world, dataset, "promote")

    def promote(self, world, dataset, frame, run):
        key = final_key(self, dataset, run.number)
        if not self.is_owner(world, dataset):
            return self.end(world, dataset)
        if self.without == "the effect before the state" and run.state == "verified":
            self.write(world, run, state="published", version=-1)
            return None
        if self.without == "one step" and frame.found != HALF:
            world.lake[key] = world.lake.get(key, ()) + ((HALF, run.number),)
            self.write(world, run, expected=len(world.lake[key]))
            return self.go(world, dataset, "promote", found=HALF)
        found, staged = top(world, key), top(world, staging_key(run))
        version = None
        if ((found[0] if found else None) == run.expected or self.without == "a condition") and staged is not None:
            version = self.replace(world, dataset, key, staged[1], run)
        elif found is not None and found[1] == run.rows and self.without != "recognition":
            version = found[0]      # its own bytes: it was done before
        return self.go(world, dataset, "publish", found=version)

    def replace(self, world, dataset, key, rows, run):
        """The promotion itself, and what it must not do."""
        before = world.lake.get(key, ())
        if before and before[-1][0] == THEIRS and run.expected != len(before):
            world.breaks("stolen: a stranger's object is replaced unseen")
        again = before and before[-1][0] == rows or any(number == run.number for _, number in before)
        if again and self.without != "one step" and not world.was_restored:
            world.breaks("twice: the same rows are published again")
        world.lake[key] = before + ((rows, run.number),)
        if self.mode == "inplace":
            self.show(world, dataset, before[-1][0] if before else None, rows)
        return len(before) + 1

    def show(self, world, dataset, before, rows):
        """Readers see other rows from now on."""
        if not isinstance(rows, tuple):
            return world.breaks("mixed: rows that no run has pinned")
        if isinstance(before, tuple) and any(old > new for old, new in zip(before, rows)):
            world.breaks("back: older rows replace newer ones")
        done = list(world.done[dataset])
        for file, version in zip(READS[SETS[dataset]], rows):
            done[file] = max(done[file], version)
        world.done = put_at(world.done, dataset, tuple(done))
        return None

    def publish(self, world, dataset, frame, run):
        if frame.found is None:
            self.write(world, run, state="stopped")
            return self.end(world, dataset)
        self.write(world, run, state="published", version=frame.found)
        return self.dispatch(world, dataset, published=run.number)

    # --- register: the manifest, a look at the catalog, the change on its lock

    def tell(self, world, dataset, frame, run):
        world.manifests = put_at(world.manifests, dataset, run.number)
        self.go(world, dataset, "catalog", found=world.tables[dataset])

    def catalog(self, world, dataset, frame, run):
        here = final_key(self, dataset, run.number)
        present = frame.found
        if present != world.tables[dataset]:
            return self.end(world, dataset)     # the catalog's lock
        ours = [final_key(self, dataset, r.number) for r in self.runs_of(world, dataset)]
        if present is not None and present not in ours and present[1] not in world.known:
            return self.end(world, dataset)     # a conflict
        if present != here:
            if self.mode == "versioned":
                self.show(world, dataset, seen(world, dataset), run.rows)
            world.tables = put_at(world.tables, dataset, here)
        world.was_seen = put_at(world.was_seen, dataset, True)
        return self.go(world, dataset, "tidy")

    def tidy(self, world, dataset, frame, run):
        if self.without != "sweeping":
            self.clear(world, run)
        self.go(world, dataset, "register")

    def register(self, world, dataset, frame, run):
        if self.without == "the proof":
            self.write(world, run, state="closed")
            return self.go(world, dataset, "purge")
        self.write(world, run, state="registered")
        return self.dispatch(world, dataset)

    # --- purge: of every run that is due, oldest versions first

    def due(self, world, dataset):
        states = ("registered", "pending") if self.without != "the proof" else PURGED
        return [run for run in self.runs_of(world, dataset) if run.state in states]

    def is_output_there(self, world, dataset, frame):
        """Readers have what the newest published run gave them."""
        newest = next((r for r in reversed(self.runs_of(world, dataset)) if r.state in PUBLISHED), None)
        if newest is None or newest.number == frame.published or self.without == "a look at the output":
            return True
        found = top(world, final_key(self, dataset, newest.number))
        return found is not None and found[1] == newest.rows

    def is_needed(self, world, other, file, version):
        """By another data set: neither this version nor a newer one is published."""
        if self.without == "the other data set" or file not in READS[SETS[other]]:
            return False
        place = READS[SETS[other]].index(file)
        runs = self.runs_of(world, other)
        if any(run.state == "discovered" and run.pinned[place] == version for run in runs):
            return True
        if self.without == "older versions":        # only the newest is kept
            return version == current(world, file) and not any(
                run.state in PURGED and run.pinned[place] == version for run in runs)
        states = PURGED if self.without != "registration" else PUBLISHED
        return not any(run.state in states and version in run.listed[place] for run in runs)

    def victims(self, world, dataset, frame):
        found = []
        for run in self.due(world, dataset):
            for place, file in enumerate(READS[SETS[dataset]]):
                listed = world.raw[file] if self.without == "the list of discovery" else run.listed[place]
                found += [(file, version) for version in listed if version != MARKER and version in world.raw[file]]
        found = sorted(set(found), reverse=self.without == "the oldest first")
        return [victim for victim in found if victim not in frame.tried]

    def purge(self, world, dataset, frame, run):
        victims = self.victims(world, dataset, frame)
        if not victims or not self.is_output_there(world, dataset, frame):
            return self.go(world, dataset, "prove", victim=())
        victim, tried = victims[0], frame.tried + (victims[0],)
        if self.is_needed(world, 1 - dataset, *victim):
            return self.go(world, dataset, "purge", tried=tried)
        # What lies under a key's latest is not left alone with it gone.
        file, version = victim
        under = [v for v in world.raw[file] if v != MARKER and v < version]
        if under and version == world.raw[file][-1] and self.without != "the oldest first" \
                and any(v in r.listed[READS[SETS[dataset]].index(file)] for v in under for r in self.due(world, dataset)):
            return self.go(world, dataset, "purge", tried=tried)
        return self.go(world, dataset, "delete", victim=victim, tried=tried)

    def delete(self, world, dataset, frame, run):
        file, version = frame.victim
        if not self.is_owner(world, dataset):
            return self.end(world, dataset)
        if self.without == "versions":
            if current(world, file) is not None:
                self.check_purged(world, file, current(world, file))
                world.raw = put_at(world.raw, file, world.raw[file] + (MARKER,))
        elif version in world.raw[file]:
            self.check_purged(world, file, version)
            world.raw = put_at(world.raw, file, tuple(v for v in world.raw[file] if v != version))
        return self.go(world, dataset, "purge", victim=())

    def check_purged(self, world, file, version):
        for index, name in enumerate(SETS):
            if file in READS[name] and world.done[index][file] < version:
                world.breaks("early: a version is purged that a reader has not published")

    def prove(self, world, dataset, frame, run):
        self.go(world, dataset, "settle", listed=world.raw)

    def settle(self, world, dataset, frame, run):
        for due in self.due(world, dataset):
            left = any(set(due.listed[place]) & set(frame.listed[file]) - {MARKER}
                       for place, file in enumerate(READS[SETS[dataset]]))
            if self.without == "versions":
                left = False
            if left and due.state != "closed":
                self.write(world, due, state="pending")
            else:           # what it has listed is nowhere any more
                self.write(world, due, state="closed", listed=((),) * len(due.listed))
        self.dispatch(world, dataset, has_purged=True, tried=())

    # --- what is left over

    def unswept(self, world, dataset):
        if self.without == "sweeping":
            return None
        return next((r for r in self.runs_of(world, dataset) if r.state in ENDED and not r.is_swept), None)

    def sweep(self, world, dataset, frame, run):
        left = self.unswept(world, dataset)
        self.clear(world, left)
        if left.expected == () and self.without != "new pins after a refusal":
            world.runs = tuple(r for r in world.runs if r.number != left.number)     # nothing asks for it again
        else:
            self.write(world, left, is_swept=True)
        self.dispatch(world, dataset)

    def retired(self, world, dataset):
        """Published runs that are kept no longer, the table's never among them."""
        if self.mode == "inplace":
            return None
        runs = [r for r in self.runs_of(world, dataset) if r.state in ("pending", "closed")]
        keep = KEEP_RUNS if self.without != "kept runs" else 0
        for run in runs[:len(runs) - keep]:
            key = final_key(self, dataset, run.number)
            if key in world.lake and (world.tables[dataset] != key or self.without == "kept runs"):
                return run
        return None

    def retire(self, world, dataset, frame, run):
        gone = self.retired(world, dataset)
        if gone is not None and self.is_owner(world, dataset):
            world.lake.pop(final_key(self, dataset, gone.number), None)
        self.dispatch(world, dataset)

    # --- what happens from outside

    def overwrite(self, world, file):
        version = world.newest[file] + 1
        world.newest = put_at(world.newest, file, version)
        world.raw = put_at(world.raw, file, world.raw[file] + (version,))

    def refuse(self, world, dataset):
        """The gate, a detector or a quality gate refuses: the run ends."""
        self.write(world, self.open_run(world, dataset), state="refused")
        self.end(world, dataset)

    def intrude(self, world):
        """A stranger writes an object where sales is published."""
        key = final_key(self, 0, 0)
        world.lake[key] = world.lake.get(key, ()) + ((THEIRS, 0),)

    def back_up(self, world):
        world.backup = (world.runs, world.known, world.targets)

    def restore(self, world, is_copy):
        """The ledger of the backup, in the same database or in another one."""
        world.runs, world.known, world.targets = world.backup
        world.backup = None
        world.calls = (None, None)
        world.is_copy, world.was_restored = is_copy, True

    def take_over(self, world):
        """
        This database becomes the owner: what was published last is its own from
        now on, what runs have staged that it does not know goes, and where its
        ledger is behind, no run that began before goes on.
        """
        for dataset in range(len(SETS)):
            number = world.manifests[dataset]
            is_behind = number not in world.known | {0}
            known = [run.number for run in self.runs_of(world, dataset)]
            for key in [key for key in world.lake if key[0] == dataset and key[2] and key[1] not in known]:
                del world.lake[key]
            world.uploads = frozenset(key for key in world.uploads if key[0] != dataset or key[1] in known)
            run = self.open_run(world, dataset)
            if is_behind:
                world.known |= {number}
            if is_behind and run is not None and self.without != "an end of open runs":
                self.write(world, run, state="pending" if run.state in PUBLISHED else "abandoned")
        world.is_copy = False

    # --- what must be true

    def rules(self, world):
        """At every moment."""
        for dataset, name in enumerate(SETS):
            if world.tables[dataset] is None:
                if world.was_seen[dataset]:
                    world.breaks("whole: the table is gone")
            else:
                rows = seen(world, dataset)
                if rows is None:
                    world.breaks("whole: the table has no object")
                if rows == HALF:
                    world.breaks("whole: the object is half written")
                if self.mode == "inplace" and self.without == "a hidden folder" \
                        and any(key[0] == dataset and key[2] for key in world.lake):
                    world.breaks("doubled: the table has more than one object")
            self.rule_lost(world, dataset, name)

    def rule_lost(self, world, dataset, name):
        """The newest export is readable in raw, or published."""
        for file in READS[name]:
            newest = world.newest[file]
            if current(world, file) == newest:
                continue
            kept = [rows for key, versions in world.lake.items() if key[0] == dataset and not key[2]
                    for rows, _ in versions[-1:] if isinstance(rows, tuple)]
            under = [rows for rows, _ in world.lake.get(final_key(self, dataset, 0), ()) if isinstance(rows, tuple)]
            if seen(world, dataset) == THEIRS or any(rows == THEIRS for rows, _ in world.lake.get(final_key(self, dataset, 0), ())):
                kept += under       # what a stranger has put over it is still a version
            place = READS[name].index(file)
            if not any(rows[place] == newest for rows in kept):
                world.breaks("lost: the newest export is nowhere")

    def judge(self, world):
        """When nothing happens any more; the rules broken."""
        broken = set(world.broken)
        if world.was_restored and any(run.state == "stopped" for run in world.runs):
            return broken       # somebody has to look
        for dataset, name in enumerate(SETS):
            rows = seen(world, dataset)
            runs = self.runs_of(world, dataset)
            if any(run.state in OPEN for run in runs):
                broken.add("stranded: a run is open")
            if [key for key in world.lake if key[0] == dataset and key[2]] or world.uploads:
                broken.add("stranded: staged objects or uploads")
            if rows == THEIRS:
                continue
            if rows is None or rows == HALF:
                broken.add("stranded: nothing is published")
                continue
            if (dataset, rows) not in world.pinned:
                broken.add("mixed: rows that no run has pinned")
            if rows != world.targets[dataset] and runs and runs[-1].state == "closed":
                broken.add("target: other rows than those published")
            inputs = tuple(current(world, file) for file in READS[name])
            if None not in inputs and inputs != rows:
                broken.add("stranded: a whole export is not published")
        for file, newest in enumerate(world.newest):
            readers = [index for index, name in enumerate(SETS) if file in READS[name]]
            has = [isinstance(seen(world, index), tuple) and seen(world, index)[READS[SETS[index]].index(file)] == newest
                   for index in readers]
            if all(has) and any(version != MARKER for version in world.raw[file]):
                broken.add("left: raw versions of what every reader has published")
        return broken

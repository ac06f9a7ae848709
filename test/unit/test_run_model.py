#!/usr/bin/env python3
"""The model of the run (run_model.py), explored in every order of its steps.

Two data sets over the same raw objects call run() at the same time, in both
modes of publishing.  Within bounds, everything may happen between any two
steps: a CALL is killed, a raw file is replaced, a step refuses, a stranger
writes where a data set publishes, the ledger is put back to a backup (in the
same database, or as a copy in another one) and taken over.  The rules hold at
every moment, and again from every world without a CALL in it once the CALLs of
the days after have been made.

  lost       the newest export of each file is readable in raw, or published
  early      no raw version is purged before each reader has published it, or a
             newer one
  left       no raw version is left of what every reader has published
  whole      a reader of a table sees one whole published version, and never
             none once there was one
  back       no older rows are shown again
  doubled    nothing but one object is visible where readers read
  mixed      published rows come from the versions that one run has pinned
  twice      no rows are put at the final key again
  stolen     no object of a stranger's is replaced that the run has not seen
  stranded   in the end no run is open, nothing is staged, no upload is
             unfinished, and the newest export is published
  target     the target table has the published rows
  copied     a database that is not the owner changes nothing

Worlds that are the same are gone on from once (an explicit-state search), and
schedules are counted: each is one order of steps and events.  Steps that touch
only what one data set alone looks at are not interleaved with the other's.

A rule that is never broken proves little, so that each of the run's precautions
is also left out once (a mutant), and the model must notice.  Prints TAP.

usage: test_run_model.py [--table]		(--table: print each count)
SFDW_ALL=1 explores as far as the bounds of ALL go: a quarter of an hour.
"""
import concurrent.futures
import os
import sys
from typing import NamedTuple

import run_model
from run_model import FILES, SETS, Frame, Model, World

# Labels of steps that commute with all that others do, unless a stranger or a
# backup may come in between.
PRIVATE = frozenset(("begin", "attempt", "upload", "put", "stage", "verify", "look", "expect", "tell", "tidy",
                     "register", "settle", "sweep", "retire"))

# Labels of steps for which it matters what the newest version of a file is.
LOOKS_AT_NEWEST = frozenset(("list", "purge"))

# A CALL takes fewer steps, and all is done in fewer days.
MOST_STEPS = 500
MOST_DAYS = 20


class Budget(NamedTuple):
    """How much may still happen."""
    crashes: int = 0
    overwrites: int = 0
    refusals: int = 0
    strangers: int = 0
    backups: int = 0
    restores: int = 0
    calls: tuple = (1, 1)       # that may begin, besides those after a crash
    at_once: int = 2            # CALLs

    def text(self):
        names = ("crashes", "overwrites", "refusals", "strangers", "restores")
        return ", ".join(f"{getattr(self, name)} {name}" for name in names if getattr(self, name))


def less(budget, name):
    return budget._replace(**{name: getattr(budget, name) - 1})


class Search:
    """All schedules of a model within a budget; stops early when asked to."""

    def __init__(self, model, budget, stops=False):
        self.model, self.stops = model, stops
        self.is_reduced = not budget.strangers and not budget.backups
        self.counts = {}        # state -> schedules from there
        self.ends = {}          # idle world -> rules broken in the end
        self.broken = {}        # rule -> the events of one schedule
        self.root = (World(), budget)

    # --- what may come next

    def after(self, world, act, *arguments):
        new = world.copy()
        act(new, *arguments)
        self.model.rules(new)
        return new

    def step(self, world, dataset):
        return self.after(world, self.model.step, dataset)

    def begin(self, world, dataset):
        """A new CALL and its first step: before that it is as if there was none."""
        new = world.copy()
        new.calls = run_model.put_at(new.calls, dataset, Frame())
        new = self.step(new, dataset)
        return new if new.calls[dataset] is None else self.step(new, dataset)

    def kill(self, world, dataset):
        new = world.copy()
        self.model.end(new, dataset)
        return new

    def own_moves(self, world, budget, dataset):
        """The next step of a data set's CALL, a crash before it, a new CALL."""
        frame = world.calls[dataset]
        name = SETS[dataset]
        if frame is None:
            if budget.calls[dataset] and (budget.at_once > 1 or world.calls == (None, None)):
                calls = run_model.put_at(budget.calls, dataset, budget.calls[dataset] - 1)
                yield f"CALL {name}", self.begin(world, dataset), budget._replace(calls=calls)
            return
        yield f"{name} {frame.at}", self.step(world, dataset), budget
        if budget.crashes:
            calls = run_model.put_at(budget.calls, dataset, budget.calls[dataset] + 1)
            yield f"crash {name}", self.kill(world, dataset), less(budget, "crashes")._replace(calls=calls)
        if budget.refusals and frame.at == "materialize":
            calls = run_model.put_at(budget.calls, dataset, budget.calls[dataset] + 1)
            yield f"refuse {name}", self.after(world, self.model.refuse, dataset), less(budget, "refusals")._replace(calls=calls)

    def events(self, world, budget):
        """What comes from outside."""
        if budget.overwrites and self.is_newest_looked_at(world):
            for file, name in enumerate(FILES):
                yield f"new {name}", self.after(world, self.model.overwrite, file), less(budget, "overwrites")
        if budget.strangers:
            yield "stranger", self.after(world, self.model.intrude), less(budget, "strangers")
        if budget.backups:
            yield "backup", self.after(world, self.model.back_up), less(budget, "backups")
        if budget.restores and world.backup is not None:
            for is_copy in (False, True):
                calls = tuple(count + 1 for count in budget.calls)
                yield ("restore a copy" if is_copy else "restore"), self.after(world, self.model.restore, is_copy), \
                    less(budget, "restores")._replace(calls=calls)
        if world.was_restored and not self.is_taken_over(world):
            yield "take over", self.after(world, self.model.take_over), budget

    def is_newest_looked_at(self, world):
        """A replacement that nobody looks at next can as well come later."""
        running = [frame.at for frame in world.calls if frame is not None]
        return not self.is_reduced or self.model.without or len(running) < len(SETS) or LOOKS_AT_NEWEST.intersection(running)

    def is_taken_over(self, world):
        return all(self.model.is_owner(world, dataset) for dataset in range(len(SETS)))

    def moves(self, world, budget):
        for dataset in range(len(SETS)):
            frame = world.calls[dataset]
            if self.is_reduced and frame is not None and frame.at in PRIVATE:
                return list(self.own_moves(world, budget, dataset))
        moves = [move for dataset in range(len(SETS)) for move in self.own_moves(world, budget, dataset)]
        return moves + list(self.events(world, budget))

    # --- the days after

    def call(self, world, dataset):
        new = self.begin(world, dataset)
        for _ in range(MOST_STEPS):
            if new.calls[dataset] is None or new.broken:
                return new
            new = self.step(new, dataset)
        new.breaks("stranded: a CALL does not end")
        return new

    def end(self, world, is_last=False, days=0):
        """
        What is broken when no more happens than CALLs of both, for days; after
        a restore, a takeover and a new export in addition.
        """
        key = hash((world.key(), is_last))
        if key not in self.ends:
            new = self.call(self.call(world, 0), 1)
            broken = self.changed(world, new)
            if days > MOST_DAYS:
                broken |= {"stranded: CALLs go on for ever"}
            elif new.broken:
                broken |= new.broken
            elif hash((new.key(), is_last)) != key:
                broken |= self.end(new, is_last, days + 1)
            elif world.was_restored and not is_last:
                broken |= self.end(self.next_day(new), True)
            else:
                broken |= self.model.judge(new)
            self.ends[key] = broken
        return self.ends[key]

    def next_day(self, world):
        new = self.after(world, self.model.take_over)
        for file in range(len(FILES)):
            new = self.after(new, self.model.overwrite, file)
        return new

    def changed(self, world, new):
        """A copy changes nothing."""
        same = all(getattr(world, field) == getattr(new, field) for field in ("raw", "lake", "tables"))
        return set() if same or not world.is_copy else {"copied: a copy has changed something"}

    # --- the search itself

    def note(self, rules, path):
        for rule in rules:
            self.broken.setdefault(rule, [name for name, _, _ in path if name])
        return bool(rules) and self.stops

    def run(self):
        """Depth first; a schedule ends where nothing more may happen."""
        world, budget = self.root
        path = [("", hash((world.key(), budget)), iter(self.moves(world, budget)))]
        self.counts[path[0][1]] = 0
        while path:
            _, key, moves = path[-1]
            move = next(moves, None)
            if move is None:
                path.pop()
                self.counts[key] = self.counts[key] or 1
                if path:
                    self.counts[path[-1][1]] += self.counts[key]
                continue
            name, world, budget = move
            child = hash((world.key(), budget))
            if child in self.counts:
                self.counts[key] += self.counts[child]
                continue
            self.counts[child] = 0
            path.append((name, child, iter(self.moves(world, budget) if not world.broken else ())))
            rules = world.broken or (self.end(world) if world.calls == (None, None) else ())
            if self.note(rules, path):
                break
        return self.counts[hash((self.root[0].key(), self.root[1]))]


# What is explored: every day, and with SFDW_ALL=1.
EVERYDAY = (Budget(calls=(2, 2)), Budget(crashes=1, calls=(2, 2)), Budget(crashes=2), Budget(overwrites=2),
            Budget(crashes=1, overwrites=1), Budget(crashes=1, refusals=1), Budget(overwrites=1, refusals=1),
            Budget(crashes=1, strangers=1), Budget(backups=1, restores=1, at_once=1))
ALL = (Budget(crashes=2, overwrites=2, refusals=1), Budget(crashes=2, strangers=1, refusals=1),
       Budget(crashes=1, overwrites=1, strangers=1), Budget(crashes=1, overwrites=1, backups=1, restores=1, at_once=1))

# Each precaution that is left out, the mode, and what has to happen for the
# model to notice.
MUTANTS = (
    ("pins", "inplace", Budget(overwrites=2)),
    ("one transaction", "inplace", Budget(crashes=1, overwrites=1)),
    ("a hidden folder", "inplace", Budget()),
    ("one step", "inplace", Budget(overwrites=1, calls=(0, 2))),
    ("a committed condition", "inplace", Budget(crashes=1, strangers=1)),
    ("a condition", "inplace", Budget(strangers=1)),
    ("the effect before the state", "inplace", Budget(crashes=1)),
    ("recognition", "inplace", Budget(crashes=1)),
    ("new pins after a refusal", "inplace", Budget(overwrites=2, refusals=1)),
    ("the list of discovery", "inplace", Budget(overwrites=1)),
    ("versions", "inplace", Budget(overwrites=1)),
    ("the oldest first", "inplace", Budget(crashes=1, overwrites=1)),
    ("the other data set", "inplace", Budget()),
    ("older versions", "inplace", Budget(overwrites=2)),
    ("registration", "versioned", Budget()),
    ("the proof", "inplace", Budget(crashes=1)),
    ("sweeping", "inplace", Budget()),
    ("kept runs", "versioned", Budget(overwrites=2)),
    ("ownership", "versioned", Budget(backups=1, restores=1, overwrites=1, at_once=1, calls=(0, 2))),
    ("an end of open runs", "inplace", Budget(backups=1, restores=1, overwrites=1, at_once=1, calls=(0, 2))),
    ("an end of open runs", "versioned", Budget(backups=1, restores=1, overwrites=1, at_once=1, calls=(0, 2))),
)


class Result(NamedTuple):
    """What a search came to."""
    states: int
    schedules: int
    broken: dict


def search(job):
    without, mode, budget = job
    found = Search(Model(mode, without), budget, stops=bool(without))
    schedules = found.run()
    return Result(len(found.counts), schedules, found.broken)


def number_of(count):
    """A large number in few digits."""
    return str(count) if count < 10**9 else f"{count:.1e}"


class Tap:
    """Prints lines of TAP."""
    number = 0
    passed = True

    def ok(self, claim, is_true, why=""):
        self.number += 1
        self.passed &= is_true
        print(f"{'ok' if is_true else 'not ok'} {self.number} - {claim}", flush=True)
        if not is_true and why:
            print(f"# {why}")


def main(print_table):
    budgets = EVERYDAY + (ALL if os.environ.get("SFDW_ALL") else ())
    # Nobody else writes to a run's own folder.
    jobs = [("", mode, budget) for budget in budgets for mode in ("inplace", "versioned")
            if not (mode == "versioned" and budget.strangers)]
    tap = Tap()
    states = schedules = 0
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for (_, mode, budget), result in zip(jobs, pool.map(search, jobs)):
            states += result.states
            schedules += result.schedules
            if print_table:
                print(f"# table: {mode} | {budget.text() or 'nothing'} | {result.states} states | "
                      f"{number_of(result.schedules)} schedules | {len(result.broken)} broken")
            tap.ok(f"{mode}: {number_of(result.schedules)} schedules with up to {budget.text() or 'nothing'} break no rule",
                   not result.broken, str(result.broken))
        print(f"# figure: {states} states and {number_of(schedules)} schedules of the model, both modes, 0 violations"
              if tap.passed else "# figure: rules are broken")
        for (without, mode, budget), result in zip(MUTANTS, pool.map(search, MUTANTS)):
            if print_table:
                print(f"# table: without {without} | {mode} | {budget.text() or 'nothing'} | {'; '.join(sorted(result.broken))}")
            tap.ok(f"without {without} ({mode}, {budget.text() or 'nothing'}): {'; '.join(sorted(result.broken)) or 'nothing'}",
                   bool(result.broken))
    print(f"1..{tap.number}")
    return 0 if tap.passed else 1


if __name__ == "__main__":
    sys.exit(main("--table" in sys.argv))

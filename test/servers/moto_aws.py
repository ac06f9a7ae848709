#!/usr/bin/env python3
"""moto_server, with Glue as AWS's is where moto's differs.

usage: moto_aws.py -H HOST -p PORT

* UpdateTable that names another VersionId than the table's is refused with
  ConcurrentModificationException, and nothing is changed.
* Names of databases and tables are folded to small letters.
* Column statistics of tables: at most 25 columns a request, each of a column
  that the table has and with the data that its type asks for.
"""
import sys

from moto.core.responses import ActionResult, EmptyResult
from moto.glue.exceptions import EntityNotFoundException, GlueClientError
from moto.glue.models import GlueBackend
from moto.glue.responses import GlueResponse
from moto.server import main

# What each Type of statistics must have; from the service's model.
REQUIRED = {
    "BOOLEAN": ("NumberOfTrues", "NumberOfFalses", "NumberOfNulls"),
    "DATE": ("NumberOfNulls", "NumberOfDistinctValues"),
    "DECIMAL": ("NumberOfNulls", "NumberOfDistinctValues"),
    "DOUBLE": ("NumberOfNulls", "NumberOfDistinctValues"),
    "LONG": ("NumberOfNulls", "NumberOfDistinctValues"),
    "STRING": ("MaximumLength", "AverageLength", "NumberOfNulls", "NumberOfDistinctValues"),
    "BINARY": ("MaximumLength", "AverageLength", "NumberOfNulls"),
}
MAX_COLUMNS = 25
STATISTICS = {}


def fold(function, names):
    """A method of the backend whose first arguments are names."""

    def folded(self, *words, **more):
        words = [w.lower() if i < names else w for i, w in enumerate(words)]
        for word in words:
            if isinstance(word, dict) and isinstance(word.get("Name"), str):
                word["Name"] = word["Name"].lower()
        return function(self, *words, **more)

    return folded


for verb, names in (("create_database", 1), ("get_database", 1), ("delete_database", 1), ("create_table", 2),
                    ("get_table", 2), ("delete_table", 2), ("update_table", 2), ("get_table_versions", 2)):
    setattr(GlueBackend, verb, fold(getattr(GlueBackend, verb), names))


def locked(update):
    def update_table(self):
        expected = self.parameters.get("VersionId")
        table = self.glue_backend.get_table(self.parameters["DatabaseName"], self.parameters["TableInput"]["Name"])
        if expected is not None and expected != table.as_dict()["VersionId"]:
            raise GlueClientError("ConcurrentModificationException",
                                  "Update table failed due to concurrent modifications.")
        return update(self)

    return update_table


def statistics_of(response):
    """The table that a request names, and what is kept of it."""
    table = response.glue_backend.get_table(response.parameters["DatabaseName"], response.parameters["TableName"])
    columns = {column["Name"]: column["Type"] for column in table.as_dict()["StorageDescriptor"]["Columns"]}
    return columns, STATISTICS.setdefault((table.database_name, table.name, table.created_time), {})


def update_column_statistics_for_table(self):
    columns, kept = statistics_of(self)
    listed = self.parameters["ColumnStatisticsList"]
    if not 1 <= len(listed) <= MAX_COLUMNS:
        raise GlueClientError("InvalidInputException", "Too many columns or none.")
    errors = []
    for one in listed:
        data = one["StatisticsData"]
        kind = data["Type"]
        member = {"DATE": "Date", "LONG": "Long"}.get(kind, kind.capitalize()) + "ColumnStatisticsData"
        missing = [name for name in REQUIRED[kind] if name not in data.get(member, {})]
        if one["ColumnName"] not in columns or columns[one["ColumnName"]] != one["ColumnType"] or missing:
            errors.append({"ColumnStatistics": one, "Error": {"ErrorCode": "InvalidInputException",
                                                              "ErrorMessage": f"invalid statistics: {missing}"}})
        else:
            kept[one["ColumnName"]] = one
    return ActionResult({"Errors": errors})


def get_column_statistics_for_table(self):
    _, kept = statistics_of(self)
    names = self.parameters["ColumnNames"]
    return ActionResult({
        "ColumnStatisticsList": [kept[name] for name in names if name in kept],
        "Errors": [{"ColumnName": name, "Error": {"ErrorCode": "EntityNotFoundException",
                                                  "ErrorMessage": "no statistics"}} for name in names if name not in kept]})


def delete_column_statistics_for_table(self):
    _, kept = statistics_of(self)
    if kept.pop(self.parameters["ColumnName"], None) is None:
        raise EntityNotFoundException("no statistics")
    return EmptyResult()


GlueResponse.update_table = locked(GlueResponse.update_table)
for action in (update_column_statistics_for_table, get_column_statistics_for_table,
               delete_column_statistics_for_table):
    setattr(GlueResponse, action.__name__, action)

if __name__ == "__main__":
    main(sys.argv[1:])

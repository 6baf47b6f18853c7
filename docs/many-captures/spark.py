"""Runs tshark on each capture where it lies, on all machines of a Spark cluster, and writes Parquet.

    spark-submit spark.py CAPTURES INTO

CAPTURES is a folder that all machines have at the same path. INTO/connections gets a row for each connection, INTO/errors one for
each capture that tshark did not read to its end; what it read of it is among the connections.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile

from pyspark import StorageLevel
from pyspark.sql import SparkSession
from pyspark.sql.functions import from_json

COLUMNS = """
    ts double, uid string, `id.orig_h` string, `id.orig_p` int, `id.resp_h` string, `id.resp_p` int, proto string,
    service string, duration double, orig_bytes bigint, resp_bytes bigint, conn_state string, local_orig boolean,
    local_resp boolean, missed_bytes bigint, history string, orig_pkts bigint, orig_ip_bytes bigint, resp_pkts bigint,
    resp_ip_bytes bigint, tunnel_parents array<string>, `tcpshake.stream` bigint, `tcpshake.first_frame` bigint,
    `tcpshake.verdict` string, `tcpshake.where` string, `tcpshake.certain` boolean, `tcpshake.outcome` string,
    `tcpshake.opening_duration` double, `tcpshake.syn_count` bigint, `tcpshake.closing_kind` string,
    `tcpshake.closing_initiator` string, `tcpshake.completeness` bigint
"""


def read(captures):
    """Each connection as (capture, JSON, None), and behind them what went wrong as (capture, None, error)."""
    for capture in captures:
        command = ["tshark", "-r", capture, "-q", "-z", "tcpshake,conn.json"]
        with TemporaryFile() as complaints:  # a pipe that nobody empties would stop tshark
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, encoding="utf-8") as tshark:
                for line in tshark.stdout:
                    if line.endswith("\n"):  # not what a tshark that crashed left behind
                        yield capture, line, None
            if tshark.returncode != 0:
                complaints.seek(0)
                said = complaints.read().decode("utf-8", "replace").strip()
                yield capture, None, said or f"tshark ended with {tshark.returncode}"


def write(table, folder):
    table.write.option("compression", "zstd").parquet(folder)  # smaller than with snappy, which is what Spark takes otherwise


def main(captures, into):
    found = sorted(str(path) for path in Path(captures).resolve().rglob("*.pcap*") if path.is_file())
    if not found:
        sys.exit(f"no captures in {captures}")
    spark = SparkSession.builder.appName("tcpshake").getOrCreate()
    # A task for each capture: a large one keeps no other waiting, and what has to be done again is one capture.
    tasks = spark.sparkContext.parallelize(found, len(found)).mapPartitions(read)
    rows = spark.createDataFrame(tasks, "capture string, row string, error string").persist(StorageLevel.DISK_ONLY)
    errors = rows.where("error is not null").select("capture", "error")
    write(errors.repartition(1), f"{into}/errors")  # runs the tasks
    connections = rows.where("row is not null").select("capture", from_json("row", COLUMNS).alias("row"))
    files = spark.sparkContext.defaultParallelism
    write(connections.select("capture", "row.*").coalesce(files), f"{into}/connections")


if __name__ == "__main__":
    main(*sys.argv[1:])

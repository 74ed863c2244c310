#!/usr/bin/python3
"""Measures an all-in-one on a PostgreSQL server that changes under it.

bench/store_changes.py [--dll PATH] [--port N] [--conf TEXT] SCENARIO ...

durability  acknowledged instances that are lost when the role gets synchronous_commit=off, sessions end and the server is killed 3 s later;
            three times
lock-study  stores a second in free studies, and the slowest, while another session holds the row of another study
lock-row    the same while another session holds the row of another study's open revision
feed        transactions while one reader of the change feed waits behind a log whose position went back, as after a restore

--dll    the program to measure (default src/Silo/bin/Release/net10.0/ImagingIngestion.Silo.dll)
--conf   more lines of postgresql.conf, such as "wal_writer_delay = 2s", which keeps commits that do not wait in memory for longer
Needs python3-pydicom and what deploy/servers/postgres needs. Stops its processes and removes its files.
"""
import argparse
import contextlib
import http.client
import io
import itertools
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.request

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

ROOT = pathlib.Path(__file__).resolve().parent.parent
STUDY, SERIES, INSTANCE = ('1.2.3.' + digit * 20 for digit in '897')
CLIENTS = 7


def make_template():
    data = Dataset()
    data.SOPClassUID = '1.2.840.10008.5.1.4.1.1.7'
    data.StudyInstanceUID, data.SeriesInstanceUID, data.SOPInstanceUID = STUDY, SERIES, INSTANCE
    data.PatientID, data.Modality = 'X', 'OT'
    data.file_meta = FileMetaDataset()
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = INSTANCE
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.is_little_endian, data.is_implicit_VR = True, False
    file = io.BytesIO()
    data.save_as(file, write_like_original=False)
    return file.getvalue()


TEMPLATE = make_template()
UIDS = (f'1.2.3.{number}' for number in itertools.count(10 ** 19))
UID_LOCK = threading.Lock()


def new_uid():
    with UID_LOCK:
        return next(UIDS)


def store(connection, study=None):
    instance = new_uid()
    body = TEMPLATE.replace(INSTANCE.encode(), instance.encode()).replace(STUDY.encode(), (study or new_uid()).encode()).replace(SERIES.encode(), new_uid().encode())
    connection.request('POST', '/dicom-web/studies', body, {'Content-Type': 'application/dicom', 'Accept': 'application/dicom+json'})
    answer = connection.getresponse()
    answer.read()
    return instance, answer.status


class Load:
    """Stores until it is stopped; records the end, the time, the status and the instance of each store."""

    def __init__(self, port, clients, study=None):
        self.done, self.stop = [], threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(port, study)) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def run(self, port, study):
        connection = None
        while not self.stop.is_set():
            began, instance = time.monotonic(), None
            try:
                connection = connection or http.client.HTTPConnection('127.0.0.1', port, timeout=60)
                instance, status = store(connection, study)
            except (OSError, http.client.HTTPException):
                connection, status = None, 0
            self.done.append((time.monotonic(), time.monotonic() - began, status, instance))
            if status != 200:
                time.sleep(0.05)

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()


class Site:
    """A separate database server and an all-in-one on it."""

    def __init__(self, arguments):
        self.port, self.folder = arguments.port, pathlib.Path(tempfile.mkdtemp(prefix='store-changes-'))
        self.folder.chmod(0o755)
        answer = self.server('up', conf=arguments.conf)
        self.settings = dict(line.split('=', 1) for line in answer.splitlines() if line.startswith('POSTGRES_'))
        environment = dict(
            os.environ, DB_KIND='postgresql', DB_HOST='127.0.0.1', DB_PORT=self.settings['POSTGRES_PORT'], DB_NAME='postgres',
            DB_USER=self.settings['POSTGRES_USER'], DB_PASS=self.settings['POSTGRES_PASSWORD'])
        self.log = open(self.folder / 'log', 'w', encoding='utf-8')
        self.process = subprocess.Popen(
            ['dotnet', arguments.dll, '--urls', f'http://127.0.0.1:{self.port}', '--dimse-port', 'off', '--data', str(self.folder / 'data')],
            env=environment, stdout=self.log, stderr=subprocess.STDOUT)
        for _ in range(600):
            with contextlib.suppress(OSError):
                self.get('/healthz/live')
                return
            time.sleep(0.1)
        raise SystemExit((self.folder / 'log').read_text())

    def server(self, action, *more, conf=''):
        return subprocess.run(
            [ROOT / 'deploy/servers/postgres', action, self.folder / 'postgres', *more],
            env=dict(os.environ, POSTGRES_CONF=conf), check=True, capture_output=True, text=True).stdout

    def get(self, path):
        with urllib.request.urlopen(f'http://127.0.0.1:{self.port}{path}') as answer:
            return answer.read()

    def sql(self, text):
        return self.begin_sql(text).communicate()[0].strip()

    def begin_sql(self, text):
        settings = self.settings
        return subprocess.Popen(
            ['psql', '-h', '127.0.0.1', '-p', settings['POSTGRES_PORT'], '-U', settings['POSTGRES_USER'], '-d', 'postgres', '-Atc', text],
            env=dict(os.environ, PGPASSWORD=settings['POSTGRES_PASSWORD'], PGOPTIONS='-c synchronous_commit=on'), stdout=subprocess.PIPE, text=True)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.server('down')
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def durability(site):
    acknowledged = lost = 0
    for _ in range(3):
        load = Load(site.port, 6)
        time.sleep(1)
        site.sql(f"ALTER ROLE {site.settings['POSTGRES_USER']} SET synchronous_commit = off")
        site.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'imaging %'")
        time.sleep(3)
        site.server('restart', 'immediate')
        time.sleep(1.5)
        load.end()
        held = set(site.sql('SELECT sop_uid FROM imaging.instance').split())
        stored = [done[3] for done in load.done if done[2] == 200]
        acknowledged += len(stored)
        lost += sum(instance not in held for instance in stored)
        site.sql(f"ALTER ROLE {site.settings['POSTGRES_USER']} RESET synchronous_commit")
    print(f'durability: {acknowledged} acknowledged, {lost} of them lost')


def lock(site, name, rows, of):
    study = new_uid()
    store(http.client.HTTPConnection('127.0.0.1', site.port), study)

    def measure(label, seconds):
        began, free, held = time.monotonic(), Load(site.port, CLIENTS), Load(site.port, 1, study)
        time.sleep(seconds)
        ended = time.monotonic()
        count = sum(done[2] == 200 and done[0] <= ended for done in list(free.done))
        free.stop.set()
        held.stop.set()
        free.end()
        held.end()
        slowest = max(done[1] for done in free.done)
        failed = sum(done[2] != 200 for done in free.done)
        print(f'{name}, {label}: {count / (ended - began):.1f} stores/s in free studies, slowest {slowest:.2f} s, {failed} failed')

    measure('warm-up', 4)
    measure('free', 8)
    stranger = site.begin_sql(f"BEGIN; SELECT 1 FROM {rows} AND s.study_uid = '{study}' FOR UPDATE OF {of}; SELECT pg_sleep(20); ROLLBACK")
    time.sleep(0.5)
    measure('held', 18)
    stranger.wait()


def feed(site):
    def transactions():
        return int(site.sql("SELECT xact_commit FROM pg_stat_database WHERE datname = 'postgres'"))

    connection = http.client.HTTPConnection('127.0.0.1', site.port)
    for _ in range(10):
        store(connection)
    while site.sql('SELECT latest FROM imaging.event_log') != '20':
        time.sleep(0.1)
    time.sleep(3)
    before = transactions()
    time.sleep(8)
    idle = transactions() - before
    site.sql('BEGIN; DELETE FROM imaging.event WHERE sequence > 5; UPDATE imaging.event_log SET latest = 5; COMMIT')
    before, began = transactions(), time.monotonic()
    site.get('/changefeed?after=5&wait=7s')
    waited = time.monotonic() - began
    time.sleep(1)
    print(f'feed: {transactions() - before} transactions while a reader waited {waited:.1f} s and 1 s more; {idle} in 8 s without one')


SCENARIOS = {
    'durability': durability,
    'lock-study': lambda site: lock(site, 'lock-study', 'imaging.study s WHERE true', 's'),
    'lock-row': lambda site: lock(site, 'lock-row', 'imaging.open_revision o, imaging.study s WHERE s.id = o.study_id', 'o'),
    'feed': feed,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--dll', default=str(ROOT / 'src/Silo/bin/Release/net10.0/ImagingIngestion.Silo.dll'))
    parser.add_argument('--port', type=int, default=18086)
    parser.add_argument('--conf', default='')
    parser.add_argument('scenarios', nargs='+', choices=SCENARIOS, metavar='SCENARIO')
    arguments = parser.parse_args()
    for scenario in arguments.scenarios:
        site = Site(arguments)
        try:
            SCENARIOS[scenario](site)
        finally:
            site.close()


if __name__ == '__main__':
    main()

# shellcheck shell=bash
# Functions of bench/run and bench/cluster. They stop every server by its process id, and delete everything that the servers wrote.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
load=$root/artifacts/bench/load/ImagingIngestion.Load.dll
published=$root/artifacts/bench/silo
failed=0
server_pids=() server_pid='' server_log='' url='' dimse_url=''
# Settings of the stores that start_ours gives to the server; without any it uses a folder with a SQLite file.
database=() bucket=()

say() { echo "# $*" >&2; }

# make_work [FOLDER]: makes the new folder $work there, and $results in it. PostgreSQL and nginx run as other users, who must enter it.
make_work() {
  if [[ ${1:-} ]]; then
    mkdir -p "$1"
    work=$(mktemp -d "$(cd "$1" && pwd)/bench.XXXXXX")
  else
    work=$(mktemp -d)
  fi
  chmod 755 "$work"
  results=$work/results.tsv
  : >"$results"
  trap clean_up EXIT
  trap 'exit 130' INT TERM
}

clean_up() {
  stop_servers
  if [[ -d $work/cluster ]]; then LOCAL_CLUSTER=$work/cluster "$root/deploy/local-cluster" down || true; fi
  stop_s3
  stop_postgres
  rm -rf "$work"
}

# publish FOLDER PROJECT [OPTION ...]
publish() {
  local folder=$1 project=$2
  shift 2
  dotnet publish "$root/$project" -c Release -v q --nologo "$@" -o "$folder" >&2
}

# launch COMMAND ...: starts a server and does not wait for it.
launch() {
  server_log=$work/server-${#server_pids[@]}.log
  "$@" >"$server_log" 2>&1 &
  server_pid=$!
  server_pids+=("$server_pid")
}

# wait_ready URL: waits at most a minute until the server that was launched last answers 2xx.
wait_ready() {
  for _ in $(seq 600); do
    curl -fs -o /dev/null --max-time 2 "$1" && return 0
    kill -0 "$server_pid" 2>/dev/null || break
    sleep 0.1
  done
  echo "The server did not become ready at $1; its log:" >&2
  tail -n 20 "$server_log" >&2
  return 1
}

# start_ours PORT DIMSE_PORT [NAME=VALUE ...]: starts the all-in-one on the folder $work/data/ours, and keeps what is in it.
start_ours() {
  local http=$1 dimse=$2
  shift 2
  launch env "${database[@]}" "${bucket[@]}" "$@" dotnet "$published/ImagingIngestion.Silo.dll" --urls "http://127.0.0.1:$http" --dimse-port "$dimse" --data "$work/data/ours"
  url=http://127.0.0.1:$http/dicom-web dimse_url=dicom://127.0.0.1:$dimse/DICOM-INGEST
  wait_ready "http://127.0.0.1:$http/healthz/ready"
}

stop_servers() {
  local pid
  for pid in "${server_pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${server_pids[@]}"; do
    for _ in $(seq 150); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.2
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  server_pids=() server_pid=''
}

# Deleting files keeps the disk busy for a while, which must not slow the next measurement.
wipe_data() { stop_servers; rm -rf "$work/data"; sync -f "$work"; }

give_up() { failed=1; wipe; say "$1 did not start; the scenario is left out"; }

# measure TARGET COMMAND ...: runs the load generator; a failed scenario prints a message, and the others go on.
measure() {
  local target=$1
  shift
  dotnet "$load" "$@" --url "$url" --target "$target" --results "$results" >&2 || { failed=1; say "$1 against $target was not measured"; }
}

# measure_memory TARGET UPLOADS MEGABYTES [OPTION ...]
measure_memory() {
  local target=$1 count=$2 size=$3
  shift 3
  measure "$target" memory --pid "$server_pid" --work "$work" --count "$count" --size "$size" "$@"
}

start_postgres() {
  "$root/deploy/servers/postgres" up "$work/postgres" >"$work/postgres.env"
  # shellcheck disable=SC1091
  . <(grep '^POSTGRES_' "$work/postgres.env")
}

stop_postgres() {
  database=()
  if [[ -d $work/postgres ]]; then "$root/deploy/servers/postgres" down "$work/postgres" || true; fi
}

# sql DATABASE STATEMENT ...
sql() {
  local name=$1 statement
  shift
  for statement in "$@"; do
    PGPASSWORD=$POSTGRES_PASSWORD PGOPTIONS='-c client_min_messages=warning' psql -qAtX -v ON_ERROR_STOP=1 -h "$POSTGRES_HOST" -p "$POSTGRES_PORT" -U "$POSTGRES_USER" -d "$name" -c "$statement"
  done
}

# use_database NAME: makes the database if it is missing. Servers that are started later keep their manifest in it.
use_database() {
  [[ $(sql postgres "SELECT 1 FROM pg_database WHERE datname = '$1'") ]] || sql postgres "CREATE DATABASE $1"
  database=(DB_KIND=postgresql "DB_HOST=$POSTGRES_HOST" "DB_PORT=$POSTGRES_PORT" "DB_NAME=$1" "DB_USER=$POSTGRES_USER" "DB_PASS=$POSTGRES_PASSWORD")
}

drop_database() { sql postgres "DROP DATABASE IF EXISTS $1 WITH (FORCE)"; }

# start_s3 [MEGABYTES]: starts an S3 server with this much room and a bucket. Servers that are started later keep their objects in it.
start_s3() {
  RGW_SIZE_MB=${1:-8192} "$root/deploy/servers/rgw" up "$work/s3" >"$work/s3.env"
  # shellcheck disable=SC1091
  . <(grep '^S3_' "$work/s3.env")
  curl -fsS -o /dev/null -X PUT --aws-sigv4 "aws:amz:$S3_REGION:s3" -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' --user "$S3_ACCESS_KEY:$S3_SECRET_KEY" "$S3_ENDPOINT/imaging"
  bucket=("BUCKET_HOST=$S3_ENDPOINT" BUCKET_NAME=imaging "BUCKET_REGION=$S3_REGION" "AWS_ACCESS_KEY_ID=$S3_ACCESS_KEY" "AWS_SECRET_ACCESS_KEY=$S3_SECRET_KEY")
}

stop_s3() {
  bucket=()
  if [[ -d $work/s3 ]]; then "$root/deploy/servers/rgw" down "$work/s3" || true; fi
}

# print_table [LINE ...]: prints the table, with these lines about the measured systems.
print_table() {
  echo
  echo "- Command: \`$command_line\`"
  echo "- Machine: $(nproc) × $(awk -F': ' '/^model name/ && !n++ { print $2 }' /proc/cpuinfo), $(awk '/MemTotal/ { printf "%.0f GB", $2 / 1048576 }' /proc/meminfo) memory, $(df -PT "$work" | awk 'NR == 2 { print $2 }') on $(df -P "$work" | awk 'NR == 2 { print $1 }'), Linux $(uname -r), .NET $(dotnet --version)"
  echo "- Date: $(date -u +%Y-%m-%dT%H:%MZ), commit $(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)"
  if (($#)); then printf -- '- %s\n' "$@"; fi
  echo
  dotnet "$load" table "$results"
}

# finish [LINE ...]: prints the table, also to $out, and ends.
finish() {
  if [[ $out ]]; then print_table "$@" | tee -a "$out"; else print_table "$@"; fi
  exit $failed
}

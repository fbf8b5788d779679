# Speaks the subprocess contract as Teelo's Python script does: it takes that script's flags and no others, and leaves its
# counters below "aggregate". To the database it writes through $TEELO, out of the folder $FEED. $here/calls lists its calls.
set -eu
workers=1 quiet=no status= metrics= tours=all clear=no only=
while [ $# -gt 0 ]; do
    case $1 in
        --workers) workers=$2; shift ;;
        --quiet-worker-logs) quiet=yes ;;
        --status-jsonl) status=$2; shift ;;
        --metrics-json) metrics=$2; shift ;;
        --tours) tours=$2; shift ;;
        --clear-queue) clear=yes ;;
        --tournament) only=$2; shift ;;
        *) echo "usage: update_current_events.py [-h] ...: error: unrecognized arguments: $1" >&2; exit 2 ;;
    esac
    shift
done
echo "$workers $quiet $tours $clear $only ${TEELO_RUN_ID:?} ${TEELO_STAGE:?}" >> "$here/calls"
echo '{"event": "task_started", "done": 0, "total": 3}' >> "$status"
echo 'INFO discovering tournaments' >&2
"$TEELO" ingest --feed "$FEED" --quiet-worker-logs
echo '{"event": "task_finished", "done": 3, "total": 3}' >> "$status"
cat > "$metrics" <<END
{"run_started_at": "2026-01-01T00:00:00+00:00", "workers": $workers, "worker_metrics": [{"worker": 0, "tasks_processed": 3}],
 "aggregate": {"tasks_processed": 3, "tasks_completed": 2, "tasks_failed": 1, "timings": {"discover_s": 0.25, "scrape_s": 1.5}}}
END

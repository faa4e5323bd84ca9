"""Log files read as traces: `kit logs app.log`, or as a library.

    from log_reader.importing import import_logs
    from log_reader.reading.sources import open_sources
    from log_reader.sending.file import FileSink

    report = import_logs(open_sources(["app.log"]), FileSink("traces.jsonl"))

By layer, each a package: `reading` (files, lines, records) over `formats` (what a line
says), then `joining` (records of one task or request become spans), then `sending`
(OTLP to an endpoint or a file); `importing` wires them.
Needs: opentelemetry-proto, to send.
"""

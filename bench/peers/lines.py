"""Messages as lines of Influx's protocol, six values each."""
import json

FIELDS = ["suction_pressure_psi", "discharge_pressure_psi", "temp_f", "rpm", "oil_pressure_psi", "vibration_mmps"]


def line(message):
    m = json.loads(message)
    values = ",".join(f"{f}={m[f]}" for f in FIELDS)
    return f"compressor,unit={m['unit_id']},site={m['site']} {values} {int(m['unix_ts'] * 1000)}\n"


def bodies_of(path):
    """The messages of the file, 10,000 lines a body."""
    with open(path, "rb") as f:
        lines = [line(m) for m in f]
    return ["".join(lines[k:k + 10_000]).encode() for k in range(0, len(lines), 10_000)]

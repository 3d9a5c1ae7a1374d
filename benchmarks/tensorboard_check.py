"""Compares what TensorBoard reads of a run with the run's metrics.jsonl."""

import json
import pathlib
import struct
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

run = pathlib.Path(sys.argv[1])
events = EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0, "images": 0, "tensors": 0})
events.Reload()

expected = {}
for line in (run / "metrics.jsonl").read_text().splitlines():
    metrics = json.loads(line)
    if metrics["kind"] == "step":
        tags = {"loss": "train/loss", "learningRate": "train/learningRate", "bandwidth": "curriculum/bandwidth",
                "magnitude": "curriculum/magnitude", "imagesPerSecond": "train/imagesPerSecond"}
    else:
        tags = {"accuracy": "validation/accuracy", "loss": "validation/loss"}
    for key, tag in tags.items():
        if metrics.get(key) is not None:
            value = struct.unpack("f", struct.pack("f", metrics[key]))[0]
            expected.setdefault(tag, []).append((metrics["step"], value))

compared = 0
for tag, points in expected.items():
    read = [(e.step, e.value) for e in events.Scalars(tag)]
    assert read == points, f"{tag}: TensorBoard has {read[:5]}..., the metrics have {points[:5]}..."
    compared += len(points)

images = events.Images("what the network sees")
assert images and all(i.encoded_image_string.startswith(b"\x89PNG") for i in images)
text = events.Tensors("recipe")[0].tensor_proto.string_val[0].decode()
assert "| model |" in text
print(f"{compared} values under {len(expected)} tags equal, {len(images)} pictures of "
      f"{images[0].width}x{images[0].height} and more, recipe of {len(text.splitlines()) - 2} keys")

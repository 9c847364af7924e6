"""Its form in ONNX: what it reads, times the tensor that it stores."""


def lower(op, context):
    context.emit("Mul", context.inputs[0], context.parameter("weight"))

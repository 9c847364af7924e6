// Runs an ONNX file in onnxruntime-web; without a file it prints the package's version.
//
// Input: a line of JSON with inputs and outputs, the inputs' bytes, then a line per run.
// Output: per run, and once when the file is loaded, a line of JSON, then the outputs' bytes.
// The package is looked up from the folder that Node runs in, in NODE_PATH, and beside Node.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");

const beside = ["../lib/node_modules", "node_modules"].map((folder) =>
  path.resolve(path.dirname(process.execPath), folder),
);
const here = createRequire(path.join(process.cwd(), "here.cjs"));

let found;
try {
  found = here.resolve("onnxruntime-web", { paths: [process.cwd(), ...beside] });
} catch {
  process.exit(process.argv.length > 2 ? 1 : 0);
}

if (process.argv.length === 2) {
  const home = found.slice(0, found.lastIndexOf("onnxruntime-web") + "onnxruntime-web".length);
  const about = JSON.parse(fs.readFileSync(path.join(home, "package.json"), "utf8"));
  console.log(about.version);
  process.exit(0);
}

const ARRAYS = { float32: Float32Array, float16: Uint16Array };

/** Reads standard input piece by piece: lines and counted bytes. */
class Input {
  rest = Buffer.alloc(0);

  more() {
    const chunk = Buffer.alloc(1 << 20);
    for (;;) {
      try {
        const count = fs.readSync(0, chunk);
        this.rest = Buffer.concat([this.rest, chunk.subarray(0, count)]);
        return count > 0;
      } catch (error) {
        if (error.code === "EOF") return false;
        if (error.code !== "EAGAIN") throw error;
      }
    }
  }

  line() {
    while (!this.rest.includes(10)) if (!this.more()) return null;
    const end = this.rest.indexOf(10);
    const text = this.rest.toString("utf8", 0, end);
    this.rest = this.rest.subarray(end + 1);
    return text;
  }

  bytes(count) {
    while (this.rest.length < count) if (!this.more()) throw new Error("the input ended early");
    const taken = Uint8Array.prototype.slice.call(this.rest, 0, count);
    this.rest = this.rest.subarray(count);
    return taken.buffer;
  }
}

function write(data) {
  for (let at = 0; at < data.length; ) {
    try {
      at += fs.writeSync(1, data, at);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

const tell = (facts) => write(Buffer.from(JSON.stringify(facts) + "\n"));

async function main() {
  const ort = here(found);
  ort.env.logLevel = "error";
  const input = new Input();
  const job = JSON.parse(input.line());
  const feeds = {};
  for (const { name, dims, type } of job.inputs) {
    const count = dims.reduce((product, size) => product * size, 1);
    const bytes = input.bytes(count * ARRAYS[type].BYTES_PER_ELEMENT);
    feeds[name] = new ort.Tensor(type, new ARRAYS[type](bytes), dims);
  }
  const session = await ort.InferenceSession.create(process.argv[2], {
    executionProviders: ["wasm"],
    logSeverityLevel: 3,
    externalData: job.external.map((name) => ({
      path: name,
      data: fs.readFileSync(path.join(path.dirname(process.argv[2]), name)),
    })),
  });
  tell({ outputs: [] });
  while (input.line() !== null) {
    const results = await session.run(feeds, job.outputs);
    const given = job.outputs.map((name) => results[name]);
    tell({ outputs: given.map(({ type, dims }) => ({ type, dims })) });
    for (const { data } of given) write(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  }
}

main().then(
  () => process.exit(0),
  (error) => {
    tell({ error: String(error.message ?? error) });
    process.exit(1);
  },
);

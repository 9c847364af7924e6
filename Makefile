# Every chore is one command; each sets up what it needs in .venv, once, and again when
# pyproject.toml changes. Needed on the machine: Python 3.11 or newer, pip and make.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
TYPED := build/typed

# The networks of the lecture, in its order.
LECTURE := lenet5 alexnet alexnet_two_gpu zfnet vgg16 vgg19 googlenet plain34 resnet18 resnet34 \
           resnet50 resnet152

.DEFAULT_GOAL := help
.PHONY: help setup installed demo site test laws check format lint-page docs dist bench matrix modules rivals \
        readers round-trip receptive memory counters layer-times fuzz faults sheet recognition onnx-cases \
        versions lowest images clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## install archgraph and the development tools into .venv

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "archgraph needs Python 3.11 or newer; say which with: make PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[onnx]" --group dev
	@# Its networks are read in the tests; its own build of torch is not needed.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps "torchvision==0.28.0" pillow
	@# ONNX files are also tried in the runtime of browsers, under Node, where there is one.
	@if command -v npm >/dev/null; then \
	    npm install --silent --no-audit --no-fund --global --prefix .venv onnxruntime-web@1.30.0 \
	        || echo "onnxruntime-web could not be installed; tests that need it are skipped"; fi
	@touch $@

# Only as installed do exporters/ and gallery/ bear their names.
installed: $(READY)
	rm -rf build
	$(BIN)/python -m pip install --quiet --no-deps --target $(TYPED) .

demo: $(READY) ## write diagrams, cost tables and checked ONNX files of the lecture's networks to demo/
	$(BIN)/archgraph gallery $(LECTURE) --onnx --output demo

site: $(READY) ## write a site for a class, of all networks of the gallery, to build/site: open its index.html
	$(BIN)/archgraph gallery --output build/site

test: $(READY) ## run all tests
	$(BIN)/python -m pytest -n auto

laws: $(READY) ## try the laws on thousands of random networks, other ones every time
	ARCHGRAPH_LAWS=2000 $(BIN)/python -m pytest -n auto tests/test_laws_*.py

check: installed ## lint, check the format, the types and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	cd $(TYPED) && ../../$(BIN)/python -m mypy --strict --config-file ../../pyproject.toml \
	    --cache-dir ../../.mypy_cache --package archgraph
	cd $(TYPED) && ../../$(BIN)/lint-imports ../../pyproject.toml --no-logo --no-cache

format: $(READY) ## format the code and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint-page: ## lint the scripts of pages (needs npm, which fetches eslint)
	npm exec --yes --package=eslint@9 -- eslint --config .ci/eslint.config.mjs \
	    exporters/pictures/writers/html/page exporters/site/page

docs: installed ## make the documentation's site: build/docs/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

dist: $(READY) ## build what is published, sdist and wheel, into dist/ and check both
	rm -rf dist *.egg-info
	$(BIN)/python -m build --outdir dist .
	$(BIN)/python -m twine check --strict dist/*

bench: $(READY) ## measure against other tools; also written to bench-results/
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "tensorgami>=0.2"
	$(BIN)/python -m bench

matrix: $(READY) ## run every network in every runtime, for the tables of docs/onnx.md
	$(BIN)/python -m bench.matrix

modules: $(READY) ## read many modules of others, here and with other tools, for docs/modules.md
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group modules
	@# Their own requirements name other builds of torch.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	    "timm>=1.0" "segmentation-models-pytorch>=0.5" "tensorgami>=0.2"
	OMP_NUM_THREADS=1 $(BIN)/python -m bench.modules

sheet: $(READY) ## draw many networks without an option, for docs/first-pictures.md, and put all on pages: sheet/
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group modules
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	    "timm>=1.0" "segmentation-models-pytorch>=0.5" \
	    ddddocr magika rapidocr-onnxruntime silero-vad
	OMP_NUM_THREADS=1 $(BIN)/python -m bench.first_pictures
	$(BIN)/python -m bench.first_pictures.contact_sheet

readers: $(READY) ## open the gallery's Mermaid and draw.io files with their own readers; needs npm
	$(BIN)/python -m bench.readers

rivals: $(READY) ## draw the same networks with other tools and lay out the same boxes, for docs/beside-others.md
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group modules "geg-metrics>=0.2"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	    "timm>=1.0" "segmentation-models-pytorch>=0.5" "tensorgami>=0.2" \
	    ddddocr magika rapidocr-onnxruntime silero-vad
	OMP_NUM_THREADS=1 $(BIN)/python -m bench.rivals
	OMP_NUM_THREADS=1 $(BIN)/python -m bench.rivals.layouts

round-trip: $(READY) ## give those modules back and compare, for docs/round-trip.md
	OMP_NUM_THREADS=1 $(BIN)/python -m bench.round_trip

faults: $(READY) ## kill, stop and refuse the commands that write, for docs/security.md
	OMP_NUM_THREADS=1 $(BIN)/python -m bench.faults

memory: $(READY) ## measure what PyTorch holds in memory, for docs/memory.md
	$(BIN)/python -m bench.memory_beside_torch

receptive: $(READY) ## compare receptive fields with gradients, for docs/receptive-fields.md
	$(BIN)/python -m bench.receptive

counters: $(READY) ## ask other tools what they count, and explain it, for docs/counters.md and attention.md
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[counters]" --group modules
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	    "timm>=1.0" "segmentation-models-pytorch>=0.5"
	OMP_NUM_THREADS=1 $(BIN)/python -m bench.counters

layer-times: $(READY) ## measure ten networks layer by layer beside their rooflines, for docs/time.md
	$(BIN)/python -m bench.layer_times

recognition: $(READY) ## count what is recognised in networks of others, for docs/recognition.md
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps "timm>=1.0" onnxsim
	$(BIN)/python -m bench.recognition

onnx-cases: $(READY) ## load onnx's own test cases, for the table of docs/onnx-files.md
	$(BIN)/python -m bench.onnx_cases

fuzz: $(READY) ## read files that try to break it: CASES=2000, SEED=1, goes on where it was stopped
	OMP_NUM_THREADS=1 $(BIN)/python -m bench.fuzz --cases $(or $(CASES),2000) --seed $(or $(SEED),1)

versions: $(READY) ## try each Python that is here with the newest packages, for docs/platforms.md
	$(BIN)/python -m bench.platforms

lowest: $(READY) ## try the oldest Python with the oldest packages that are allowed, for docs/platforms.md
	$(BIN)/python -m bench.platforms --lowest

images: $(READY) ## draw the README's pictures anew
	$(BIN)/python -m archgraph draw alexnet_two_gpu -o docs/images/alexnet_two_gpu.svg --fit 16:9
	$(BIN)/python -m archgraph draw googlenet -o docs/images/googlenet.svg --fit 16:9 --level block
	$(BIN)/python -m archgraph draw googlenet -o docs/images/googlenet_opened.svg --open inception3a
	$(BIN)/python -m archgraph draw resnet50 -o docs/images/resnet50.svg --fit 16:9
	$(BIN)/python -m archgraph draw vit_b_16 -o docs/images/vit_b_16.svg --fit 16:9
	$(BIN)/python -m archgraph draw vit_b_16 -o docs/images/vit_b_16_page.svg --fit page
	$(BIN)/python -m archgraph draw unet -o docs/images/unet.svg --fit 16:9
	$(BIN)/python -m archgraph draw resnet50 -o docs/images/resnet50_korean.svg --fit 16:9 --lang ko
	$(BIN)/python -m archgraph draw plain34 resnet34 -o docs/images/plain34_resnet34.svg --fit 16:9
	$(BIN)/python -m archgraph draw plain34 resnet34 -o docs/images/difference.svg --difference
	$(BIN)/python -m archgraph draw alexnet_two_gpu -o docs/images/alexnet_two_gpu_volumes.svg --fit 16:9 --style volumes
	$(BIN)/python -m archgraph compare alexnet vgg16 -o docs/images/alexnet_vgg16_chart.svg
	$(BIN)/python -m archgraph memory alexnet_two_gpu -o docs/images/alexnet_two_gpu_memory.svg --training --batch 128 --fits "GTX 580"
	$(BIN)/python -m archgraph draw vgg16 resnet50 -o docs/images/receptive.svg --style receptive
	$(BIN)/python -m archgraph roofline resnet50 --device A100 --batch 32 -o docs/images/roofline.svg
	$(BIN)/python -m archgraph split resnet50 --devices 4 --between block -o docs/images/resnet50_four_devices.svg > /dev/null
	$(BIN)/python -m archgraph growth googlenet resnet50 vgg16 vit_b_16 -o docs/images/growth.svg
	$(BIN)/python -m bench.two_windows docs/images/two_windows.svg

clean: ## remove what the other targets made
	rm -rf .venv build demo dist bench-results sheet .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

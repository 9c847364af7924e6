"""The family of an operator of which only the name is known, as ONNX or PyTorch spells it.

Its costs stay unknown; that ``Unsqueeze`` moves data and ``LSTM`` is recurrent is known by name.
"""

from __future__ import annotations

import re

__all__ = ["family_of_name"]

_NAMES = {
    "conv": "conv conv1d conv2d conv3d convinteger qlinearconv convtranspose convolution deformconv"
    " fusedconv nhwcconv",
    "linear": "gemm linear matmul matmulinteger qlinearmatmul mm bmm addmm baddbmm einsum"
    " fusedmatmul fusedgemm matmulnbits dot inner outer",
    "attention": "attention multiheadattention groupqueryattention scaleddotproductattention"
    " packedattention sparseattention",
    "embedding": "embedding embeddingbag embedlayernormalization",
    "recurrent": "lstm gru rnn dynamicquantizelstm lstmcell grucell rnncell",
    "pool": "maxpool averagepool globalaveragepool globalmaxpool lppool globallppool maxunpool"
    " maxroipool roialign qlinearaveragepool qlinearglobalaveragepool",
    "norm": "batchnormalization layernormalization instancenormalization groupnormalization lrn"
    " rmsnormalization simplifiedlayernormalization skiplayernormalization"
    " skipsimplifiedlayernormalization lpnormalization meanvariancenormalization batchnorm"
    " layernorm groupnorm instancenorm",
    "activation": "relu relu6 leakyrelu prelu elu selu celu gelu fastgelu biasgelu quickgelu silu"
    " swish mish sigmoid hardsigmoid hardswish tanh softmax logsoftmax softplus softsign"
    " thresholdedrelu hardmax",
    "resampling": "resize upsample interpolate upsamplenearest2d upsamplebilinear2d gridsample"
    " gridsampler pixelshuffle depthtospace spacetodepth affinegrid",
    "merge": "add mul concat cat concatfromsequence",
    "elementwise": "sub div pow exp log sqrt rsqrt reciprocal abs neg sign floor ceil round erf sin"
    " cos mod remainder fmod clip clamp min max minimum maximum where equal eq ne lt le gt ge less"
    " greater lessorequal greaterorequal and or not xor logicaland logicalor logicalnot isnan isinf"
    " quantizelinear dequantizelinear dynamicquantizelinear bitwiseand bitwiseor bitwisenot",
    "reduce": "reducemean reducesum reducemax reducemin reduceprod reducel1 reducel2"
    " reducelogsumexp reducesumsquare argmax argmin topk sort argsort cumsum mean amax amin var"
    " nonzero unique nonmaxsuppression",
    "reshape": "reshape view flatten unflatten transpose permute squeeze unsqueeze expand expandas"
    " slice split splittosequence sequenceat sequenceconstruct chunk unbind select narrow gather"
    " gatherelements gathernd scatter scatterelements scatternd index indexselect indexput cast"
    " stack castlike to identity clone contiguous copy tile repeat pad roll flip shape size"
    " constantofshape constant range eyelike onehot trilu compress copyto",
    "regularisation": "dropout",
}

_FAMILIES = {name: family for family, names in _NAMES.items() for name in names.split()}


def family_of_name(name: str) -> str:
    """Return the family that an operator of this name has; "other" where the name says nothing."""
    plain = re.sub(r"_\d+$", "", name).replace("_", "").lower()
    return _FAMILIES.get(plain, "other")

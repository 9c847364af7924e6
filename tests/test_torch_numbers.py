"""Modules of PyTorch as graphs: the graph computes what the module computes."""

import pytest
import torch
from torch import nn
from torch_networks import (
    Recurrent,
    Siamese,
)

import archgraph as ag


def assert_computes_the_same(module, example):
    net = ag.load(module, example=example)
    made = ag.to_torch(net).eval()
    given = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    with torch.no_grad():
        for key, tensor in (*made.named_parameters(), *made.named_buffers()):
            if key in given:
                tensor.copy_(given[key])
        larger = [torch.cat([each, each.flip(-1), each * 2]) for each in example]
        expected, found = module(*larger), made(*larger)
    for one, other in zip(_flat(expected), _flat(found), strict=True):
        torch.testing.assert_close(other, one)


def _flat(value):
    return (
        [value] if isinstance(value, torch.Tensor) else [t for each in value for t in _flat(each)]
    )


class InPlace(nn.Module):
    """Everything that writes into memory which others see."""

    def forward(self, x, y):
        x = x * 1
        x[:, 0] = y
        x += 1
        x[:, 1:3].mul_(2)
        rows = x.view(x.shape[0], -1)
        rows.relu_()
        turned = x.permute(0, 2, 1)
        turned += 1
        _, second, *_ = x.unbind(1)
        second *= 3
        _, half = x.chunk(2, 1)
        half.sub_(5)
        x.transpose(0, 1)[2] = y
        made = torch.zeros(x.shape[0], 6)
        made[:, 1:6] = y
        return x, turned, rows, made


class Functions(nn.Module):
    """Functions whose arguments have many forms."""

    def forward(self, x):
        best = x.argmax(-1)
        most, where = x.max(1)
        return (
            (x.masked_fill(x < 0, float("-inf")), best, most, where, 1 - x, -x, x**2),
            (x[torch.arange(x.shape[0]), best], x.split([1, 3], 1)[1], x[..., 1:-1], x[:, ::2]),
            (x.double() * 2, x.int() // 2, x.div(3, rounding_mode="floor"), x.add(x, alpha=3)),
            (x.roll(1, 1), x.flip(1), x.cumsum(1), x.clamp(min=0), x.clamp(-1, 1), x.repeat(2, 1)),
            (
                x.repeat_interleave(2, 1),
                torch.stack([x, x * 2], 1),
                x.log_softmax(-1),
                x.norm(dim=1),
            ),
            (
                nn.functional.pad(x, (1, 2)),
                x.unsqueeze(1).expand(-1, 3, -1),
                torch.lerp(x, x * 2, 0.3),
            ),
            (
                torch.addcmul(x, x, x, value=2.0),
                x.amax(1, keepdim=True),
                x.t(),
                x.gather(1, best[:, None]),
            ),
            (torch.einsum("ni,mi->nm", x, x), x.index_select(1, torch.tensor([0, 2])), x.sum()),
            (nn.functional.glu(x), x.movedim(0, 1), torch.rsub(x, 2.0, alpha=2), x.mean((0, 1))),
            (
                torch.where(x > 0, x, 0.0),
                x[:, None, :, None],
                torch.cat([x, x.new_ones(len(x), 1)], 1),
            ),
        )


CASES = [
    (InPlace(), (torch.randn(1, 4, 5), torch.randn(1, 5))),
    (Functions(), (torch.randn(1, 4),)),
    (Siamese(), (torch.randn(1, 3, 16, 16), torch.randn(1, 3, 16, 16))),
    (Recurrent(), (torch.randn(1, 5, 16),)),
    (
        nn.TransformerDecoderLayer(32, 4, 64, batch_first=True),
        (torch.randn(1, 6, 32), torch.randn(1, 9, 32)),
    ),
    (nn.MultiheadAttention(32, 4, batch_first=True), (torch.randn(1, 7, 32),) * 3),
    (nn.LSTM(8, 16, 2, bidirectional=True, batch_first=True), (torch.randn(1, 5, 8),)),
    (
        nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(6, 5)), nn.Hardtanh()),
        (torch.randn(1, 6),),
    ),
]


@pytest.mark.parametrize(("module", "example"), CASES, ids=lambda each: type(each).__name__)
def test_the_graph_computes_what_the_module_computes(module, example):
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.1)
    assert_computes_the_same(module.eval(), example)


def test_a_bias_that_is_made_before_it_is_added_is_added_once():
    class Scaled(nn.Module):
        """A product whose bias is computed, as in Swin V2's attention."""

        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(4, 6)

        def forward(self, x):
            return nn.functional.linear(x, self.fc.weight) + self.fc.bias * 2

    module = Scaled().eval()
    net = ag.load(module, input=(4,))
    made = ag.to_torch(net)
    assert set(made.state_dict()) == set(module.state_dict())
    made.load_state_dict(module.state_dict())
    x = torch.randn(3, 4)
    torch.testing.assert_close(made(x), module(x))

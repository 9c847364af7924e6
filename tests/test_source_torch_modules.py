"""Source that calls torch's own modules, attention and recurrent cells, as what they are."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from written_source import formatted, made_from

import archgraph as ag
from archgraph.exporters.source import source
from archgraph.exporters.source.save_weights import state_of


class Attending(nn.Module):
    def __init__(self, attention, weights=False):
        super().__init__()
        self.attention, self.weights = attention, weights

    def forward(self, query, key=None, value=None, **masks):
        key = query if key is None else key
        value = key if value is None else value
        return query + self.attention(query, key, value, need_weights=self.weights, **masks)[0]


class MultiheadAttention(nn.MultiheadAttention):
    """Someone's own of the same name and state, which does something else before."""

    def forward(self, query, key, value, **settings):
        return super().forward(query.flip(1), key, value, **settings)


class Causal(nn.Module):
    def __init__(self, *settings):
        super().__init__()
        self.inner = nn.MultiheadAttention(*settings, batch_first=True)

    def forward(self, query, key, value, need_weights):
        mask = nn.Transformer.generate_square_subsequent_mask(query.shape[1])
        return self.inner(query, key, value, attn_mask=mask, need_weights=need_weights)


def _tokens(*lengths, first=True):
    return tuple(torch.randn(*((2, n) if first else (n, 2)), 16) for n in lengths)


_SEEN = torch.ones(5, 5, dtype=torch.bool).triu(1)
_PADDED = torch.arange(5).expand(2, 5) > torch.tensor([[3], [4]])
_FIRST, _LAST = {"batch_first": True}, {"batch_first": False}


@pytest.mark.parametrize(
    ("settings", "example", "masks", "written"),
    [
        (_FIRST, _tokens(5), {}, "self.attention(query, query, query, need_weights=False)[0]"),
        (_FIRST, _tokens(5, 7), {}, "self.attention(query, key, key, need_weights=False)[0]"),
        (_FIRST, _tokens(5, 7, 7), {}, "self.attention(query, key, value, need_weights=False)[0]"),
        (_LAST, _tokens(5, 7, first=False), {}, "nn.MultiheadAttention(16, 2)"),
        (_FIRST | {"bias": False}, _tokens(5), {}, "16, 2, bias=False, batch_first=True)"),
        (_FIRST, _tokens(5), {"attn_mask": _SEEN}, "attn_mask=attn_mask"),
        (_FIRST, _tokens(5), {"key_padding_mask": _PADDED}, "key_padding_mask=key_padding_mask"),
        (_FIRST | {"add_bias_kv": True}, _tokens(5), {}, "def forward(self, query: Tensor) ->"),
        (_FIRST | {"kdim": 16, "vdim": 8}, (*_tokens(5, 7), torch.randn(2, 7, 8)), {}, "F.linear"),
    ],
)
def test_torchs_attention_is_called_where_it_is_torchs(settings, example, masks, written):
    torch.manual_seed(3)
    module = Attending(nn.MultiheadAttention(16, 2, **settings)).eval()
    axis = 0 if settings["batch_first"] else 1
    names = ("query", "key", "value")[: len(example)]
    batch = dict.fromkeys(names, axis) | dict.fromkeys(masks, 0) | {"attn_mask": None}
    batch = {name: each for name, each in batch.items() if name in (*names, *masks)}
    net = ag.load(module, example=(example, masks), batch=batch)
    text = source(net)
    assert written in text
    assert f"{net.total('macs'):,} multiply-adds" in text
    made = made_from(text).eval()
    made.load_state_dict(module.state_dict(), strict=True)
    with torch.no_grad():
        torch.testing.assert_close(made(*example, **masks), module(*example, **masks))


@pytest.mark.parametrize(
    ("attention", "weights", "written"),
    [
        (nn.MultiheadAttention(16, 2, batch_first=True), True, "(query, query, query)[0]"),
        (MultiheadAttention(16, 2, batch_first=True), False, "class MultiheadAttention(nn.Module)"),
        (Causal(16, 2), False, "attn_mask=self.causal_mask"),
    ],
)
def test_it_is_told_by_what_it_does(attention, weights, written):
    module, (x,) = Attending(attention, weights).eval(), _tokens(5)
    text = source(ag.load(module, example=x))
    assert written in text
    made = made_from(text).eval()
    made.load_state_dict(module.state_dict(), strict=True)
    with torch.no_grad():
        torch.testing.assert_close(made(x), module(x))


class Stepping(nn.Module):
    def __init__(self, cell, **settings):
        super().__init__()
        self.cell, self.head = cell(6, 8, **settings), nn.Linear(8, 3)

    def forward(self, x):
        state = None
        for step in x.unbind(1):
            state = self.cell(step, state)
        return self.head(state[0] if isinstance(state, tuple) else state)


@pytest.mark.parametrize(
    ("cell", "settings", "made"),
    [
        (nn.LSTMCell, {}, "hidden, cell = self.cell(part2, (hidden, cell))"),
        (nn.GRUCell, {"bias": False}, "nn.GRUCell(6, 8, bias=False)"),
        (nn.RNNCell, {"nonlinearity": "relu"}, 'nn.RNNCell(6, 8, nonlinearity="relu")'),
    ],
)
def test_torchs_cells_are_called_step_by_step(cell, settings, made, tmp_path):
    module, x = Stepping(cell, **settings).eval(), torch.randn(2, 3, 6)
    net = ag.load(module, example=x)
    text = source(net)
    assert made in text
    assert f"{net.total('macs'):,} multiply-adds" in text
    written = made_from(text).eval()
    written.load_state_dict(module.state_dict(), strict=True)
    with torch.no_grad():
        torch.testing.assert_close(written(x), module(x))
    (tmp_path / "net.py").write_text(text)
    formatted(tmp_path)


def test_a_module_that_is_one_recurrent_layer_has_source():
    module, x = nn.LSTM(6, 8, num_layers=2, batch_first=True).eval(), torch.randn(2, 3, 6)
    net = ag.load(module, example=x)
    written = made_from(source(net)).eval()
    written.load_state_dict(state_of(net), strict=True)
    wanted, states = module(x)
    for ours, theirs in zip(written(x), (wanted, *states), strict=True):
        torch.testing.assert_close(ours, theirs)

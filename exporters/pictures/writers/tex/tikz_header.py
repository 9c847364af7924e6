r"""What stands before the pictures: what a preamble needs, and the commands that they use."""

from __future__ import annotations

from ...dress.fonts_named import Font

__all__ = ["HEADER", "SEVERAL", "STANDALONE", "USED_ONLY", "macros", "tried_fonts"]

HEADER = r"""% {title}: TikZ to \input into a figure, {size}.
% The preamble needs {packages}\usetikzlibrary{{arrows.meta,backgrounds,positioning}}.
% What the preamble sets counts in all figures:
%   \tikzset{{archgraph/{kind}/.style={{thick}}}}           boxes of this kind
%   \definecolor{{archgraph {kind} fill}}{{HTML}}{{FFEEAA}}  one of their colours
%   \newcommand\archgraphgrey{{}}                       greys instead of colours
%   \newcommand\archgraphface{{\rmfamily}}              the font, else the document's sans serif
%   \newcommand\archgraphtext{{0.9}}                    all text at nine tenths of its size"""
"""The first lines of what is put into a document."""

SEVERAL = r"""% It holds {count} pictures: \def\archgraphpage{{2}} before \input shows the second
% alone, so \only<2>{{\def\archgraphpage{{2}}\input{{...}}}} on a beamer's frame one by one."""
"""What a file of several pictures says, too."""

STANDALONE = r"""% Compile with pdflatex, lualatex or xelatex. pdflatex has fonts for Latin and
% Greek only and prints an empty frame for a word of another script; the others print it where the
% system has a font.
\documentclass{{article}}
\usepackage[paperwidth={width}bp,paperheight={height}bp,margin=0bp]{{geometry}}
\usepackage{{amssymb,tikz}}
\usetikzlibrary{{arrows.meta,backgrounds,positioning}}
\ifdefined\Umathchar
  \usepackage{{fontspec}}
  {fonts}
  \newcommand\tryfont[2]{{\IfFontExistsTF{{#2}}{{%
    \expandafter\newfontfamily\csname#1font\endcsname{{#2}}%
   \expandafter\newcommand\csname archgraph#1\endcsname[2]{{{{\csname#1font\endcsname##2}}}}}}{{}}}}
  \tryfont{{foreign}}{{DejaVu Sans}}
  \tryfont{{eastern}}{{Noto Sans CJK KR}}
\else
  \usepackage[utf8]{{inputenc}}
\fi
\pagestyle{{empty}}
\setlength\parindent{{0bp}}\setlength\topskip{{0bp}}"""
"""The preamble of a document of its own."""

_MACROS = r"""\providecommand\archgraphtext{1}%
% the document's sans serif; where it has pdfTeX's own, which comes in few sizes, Helvetica
\providecommand\archgraphface{\ifdefined\Umathchar\sffamily\else\fontencoding{T1}\fontfamily{%
  \ifnum\pdfstrcmp{\sfdefault}{cmss}=0 phv\else\sfdefault\fi}\selectfont\fi}%
\providecommand\archgraphat[1]{\archgraphface\fontsize{\archgraphtext\dimexpr#1bp\relax}%
  {1.25\dimexpr\archgraphtext\dimexpr#1bp\relax\relax}\selectfont\lineskip0pt\relax}%
\providecommand\archgraphstrut{\vrule width0pt height.76\baselineskip depth.24\baselineskip}%
% what is wider than its box, in a wide font, becomes narrower
\providecommand\archgraphfit[2][0]{\setbox0\hbox{#2}\ifdim\wd0>\dimexpr\archgraphroom-#1bp\relax
  \resizebox{\dimexpr\archgraphroom-#1bp}{\height}{\box0}\else\box0\fi}%
% first lines of boxes, bold or not
\providecommand\archgraphname[2][\archgraphlabel]{{\archgraphat{#1}\bfseries\archgraphstrut#2}}%
\providecommand\archgraphhead[2][\archgraphlabel]{{\archgraphat{#1}\archgraphstrut#2}}%
\providecommand\archgraphcolor[3]{\ifdefined\archgraphgrey\providecolor{archgraph #1}{HTML}{#3}%
  \else\providecolor{archgraph #1}{HTML}{#2}\fi}%
% a look is the usual one and what the document has set besides
\tikzset{%
  archgraph/picture/.style 2 args={x=1bp, y=1bp,
    /utils/exec={\def\archgraphlabel{#1}\def\archgraphroom{\maxdimen}}, font=\archgraphat{#2}},
  archgraph/plain/.style={inner sep=0, outer sep=0, align=center,
    node halign header=\archgraphstrut\hfil\archgraphfit{##}\hfil\cr},
  archgraph/size/.style 2 args={minimum width=#1bp, minimum height=#2bp,
    /utils/exec={\def\archgraphroom{\dimexpr#1bp-5bp\relax}}},
  archgraph/look/.style={archgraph/usual/#1, archgraph/#1/.try},
  archgraph/box/.style={archgraph/usual/node, archgraph/usual/#1, archgraph/node/.try,
    archgraph/#1/.try},
  archgraph/line/.style={archgraph/usual/edge, archgraph/usual/edge/#1, archgraph/edge/.try,
    archgraph/edge/#1/.try},
  archgraph/arrow/.style={->, >={Triangle[length=4bp 2, width'=0pt 0.8]}},
  archgraph/tip/.style={>={Triangle[length=#1, width'=0pt 0.8]}}}%
"""
r"""The commands of every picture; ``\providecommand``, for several stand in one document."""

USED_ONLY = {
    "archgraphaside": r"""% \archgraphaside{room on the right}{lines}
\providecommand\archgraphaside[2]{\hbox{\vbox{\let\\\cr
  \halign{\archgraphstrut\hfil\archgraphfit[#1]{##}\hfil\cr#2\crcr}}\kern#1bp}}%
""",
    "archgraphsign": r"""% a sign of mathematics, in the nearest size that its fonts come in
\providecommand\archgraphsign[1]{{\edef\archgraphnow{\dimexpr1\fontdimen6\font}%
  \fontsize{\ifdim\archgraphnow<5.5pt 5\else\ifdim\archgraphnow<6.5pt 6\else
  \ifdim\archgraphnow<7.5pt 7\else\ifdim\archgraphnow<8.5pt 8\else\ifdim\archgraphnow<9.5pt 9\else
  \ifdim\archgraphnow<11pt 10\else\ifdim\archgraphnow<13pt 12\else\ifdim\archgraphnow<16pt 14.4\else
  17.28\fi\fi\fi\fi\fi\fi\fi\fi}{0pt}\usefont{OT1}{cmr}{m}{n}$#1$}}%
""",
    "archgraphforeign": r"""% {number of letters}{word}: an empty frame where pdfTeX has no font
\providecommand\archgraphforeign[2]{\ifdefined\Umathchar#2\else{\setlength\fboxsep{0.4bp}%
  \fbox{\rule{0bp}{1.4ex}\rule{#1\dimexpr0.6em}{0bp}}}\fi}%
""",
    "archgrapheastern": r"""\providecommand\archgrapheastern[2]{\ifdefined\Umathchar#2\else
  {\setlength\fboxsep{0.4bp}\fbox{\rule{0bp}{1.4ex}\rule{#1\dimexpr0.9em}{0bp}}}\fi}%
""",
}
"""Commands that stand only where they are used."""

_ROMAN = {"sffamily": "rmfamily", "sfdefault": "rmdefault", "cmss": "cmr", "phv": "ptm"}
"""What stands for the sans serif's names where the font has serifs."""


def macros(font: Font) -> str:
    """Return the commands of every picture, in the document's sans serif or its serif."""
    if not font.roman:
        return _MACROS
    found = _MACROS.replace("document's sans serif; where", "document's serif; where")
    for sans, roman in _ROMAN.items():
        found = found.replace(sans, roman)
    return found.replace("Helvetica", "Times")


def tried_fonts(font: Font) -> str:
    """Return how a document takes the last of a font's families that the system has."""
    kind = "main" if font.roman else "sans"
    tried = "".join(rf"\try{kind}{{{name}}}" for name in font.tex)
    return rf"\newcommand\try{kind}[1]{{\IfFontExistsTF{{#1}}{{\set{kind}font{{#1}}}}{{}}}}{tried}"

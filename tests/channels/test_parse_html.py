"""HTML of strangers does nothing, loads nothing, and keeps its direction and its words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharos.channels.email.parse_html import read_html

HARMFUL = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://spy.example/1.gif'>",
    "<img src='//spy.example/1.gif'>",
    "<p style='background:url(https://spy.example/1.gif)'>x</p>",
    "<link rel=stylesheet href=https://spy.example/a.css>",
    "<style>@import 'https://spy.example/a.css'</style>",
    "<iframe src=https://spy.example></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java\nscript:alert(1)'>x</a>",
    "<a href='cid:x'>x</a>",
    "<form action=https://spy.example><input name=a><button>x</button></form>",
    "<svg><script>alert(1)</script><image href=https://spy.example/1.gif></svg>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<meta http-equiv=refresh content='0;url=https://spy.example'>",
    "<base href=https://spy.example>",
    "<video poster=https://spy.example/1.gif><source src=https://spy.example/a.mp4></video>",
    "<object data=https://spy.example></object><embed src=https://spy.example>",
    "<img alt='\"><script>alert(1)</script>' src=cid:x>",
    "<p title='</p><script>alert(1)</script>'>x",
    "<!--><script>alert(1)</script>-->",
    "<!--[if mso]><script>alert(1)</script><![endif]-->",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<body background=https://spy.example/1.gif>",
    "<table background=https://spy.example/1.gif><td background=https://spy.example/2.gif>x",
    "<<script>alert(1)//<</script>",
    "<a href=https://x.example onclick=alert(1) target=_top>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]
ACTS = re.compile(
    r"<(?:script|style|iframe|object|embed|form|input|link|meta|base|svg|math|video)|<[^>]*\son\w+=|style=",
    re.IGNORECASE,
)
LOADS = re.compile(r"""<[^>]*\s(?:src|background|poster|data|srcset)=["']?+(?!cid:)""", re.IGNORECASE)


@pytest.mark.parametrize("source", HARMFUL)
def test_html_that_acts_or_loads_does_neither(source):
    html = read_html(source).html
    assert not ACTS.search(html)
    assert not LOADS.search(html)
    assert "javascript:" not in html
    assert 'href="cid' not in html


PIECES = st.sampled_from(
    ["<", ">", '"', "'", "<p", "<img ", "src=", "cid:x", " onerror=", "<script", "</script>", "<!--", "-->", "<a href=",
     "javascript:", "&lt;", "&#60;", "</", "/>", "=", " ", "x", "<table>", "<td>", "<svg>", "<style>"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_html_of_any_pieces_neither_acts_nor_loads(source):
    html = read_html(source).html
    assert not ACTS.search(html)
    assert not LOADS.search(html)


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ('<div dir="rtl">سلام</div>', '<div dir="rtl">سلام</div>'),
        ("<P DIR=RTL>سلام", '<p dir="rtl">سلام</p>'),
        ("<p style='text-align:right; direction: rtl'>سلام</p>", '<p dir="rtl">سلام</p>'),
        ('<p lang="fa">سلام</p>', '<p lang="fa">سلام</p>'),
        ('<img src="CID:a@b" alt="map">', '<img alt="map" src="CID:a@b">'),
        ('<a href="tel:+37410">call</a>', '<a href="tel:+37410" rel="noopener noreferrer nofollow">call</a>'),
        ("<b>one<p>two</b>three", "<b>one<p>two</p></b>three"),
        ("a < b & c", "a &lt; b &amp; c"),
    ],
)
def test_html_keeps_direction_language_pictures_and_links(source, kept):
    assert read_html(source).html.lower() == kept.lower()


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("<div>one</div><div><br></div><div>two</div>", "one\n\ntwo"),
        ("<p>one</p>\n\n<p>two</p>", "one\n\ntwo"),
        ("one\n  two&nbsp;&amp; three", "one two\u00a0& three"),
        ("<pre>one\n  two</pre>", "one\n  two"),
        ("one<blockquote type=cite>two<blockquote>three</blockquote></blockquote>four", "one\n> two\n>> three\nfour"),
        ('<blockquote style="margin:0 0 0 40px;border:none">indented</blockquote>', "indented"),
        ("می‌خواهم", "می‌خواهم"),
        ("<a href='https://x.example/'>https://x.example</a>", "https://x.example"),
        ("<h1>one</h1>two", "one\n\ntwo"),
        ("<o:p>one</o:p><v:shape>two</v:shape>", "onetwo"),
        ("one<!-- two -->three", "onethree"),
        ("1 <3 you", "1 <3 you"),
    ],
)
def test_html_as_text(source, text):
    assert read_html(source).text == text

"""Options of commands that publish; light to import, as a page of help needs nothing else."""

from typing import Annotated

import typer

OperatorOption = Annotated[
    bool, typer.Option("--operator", help="用运营方密钥签名 | sign with the operator's key")
]
AttemptOption = Annotated[
    int,
    typer.Option(min=1, help="第几次尝试:被拒后重来时加一 | one more after a refusal was mended"),
]
WaitOption = Annotated[
    float, typer.Option(min=0, help="等裁决多少秒 | seconds to wait for the verdicts")
]

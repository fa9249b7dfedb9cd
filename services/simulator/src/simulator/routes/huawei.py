"""Huawei's SDP as our gateway calls it: SOAP over HTTP, one address for screens, one for subscriptions."""

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Depends, Request, Response

from chassis.auth import open_to_all
from simulator.errors import FaultCode, SoapFaultError
from simulator.operators import Huawei
from simulator.operators.soap import MEDIA_TYPE, fault

MANAGER_PATH: Final = "/huawei/USSDNotificationManagerService/services/USSDNotificationManager"
PATH: Final = "/huawei/SendUssdService/services/SendUssd"
_LONGEST: Final = 65_536
_OWN_ANSWER: Final = open_to_all("spId and spPassword are in the SOAP header; wrong ones get Huawei's fault")


def build_router(huawei: Huawei) -> APIRouter:
    """The addresses that calls come to; each takes them all."""
    router = APIRouter(tags=["huawei"], dependencies=[Depends(_OWN_ANSWER)], include_in_schema=False)

    @router.post(PATH)
    @router.post(MANAGER_PATH)
    async def call(request: Request) -> Response:
        body = await request.body()
        try:
            if len(body) > _LONGEST:
                raise SoapFaultError(FaultCode.INVALID_MESSAGE, "too long")  # noqa: TRY301  (one answer for all)
            answer = huawei.take(body)
        except SoapFaultError as error:
            return Response(fault(error), HTTPStatus.INTERNAL_SERVER_ERROR, media_type=MEDIA_TYPE)
        return Response(answer, media_type=MEDIA_TYPE)

    return router

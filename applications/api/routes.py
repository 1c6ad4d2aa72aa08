"""The API as a whole: its description (OpenAPI 3.1) and its operations."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from applications.api import problems
from applications.api.contracts import router


class DescribedApi(NinjaAPI):
    """An API whose description says that refusals are problem+json."""

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """Return the description for programs."""
        schema = super().get_openapi_schema(**kwargs)
        for path in schema["paths"].values():
            for operation in path.values():
                for status, response in operation["responses"].items():
                    if int(status) >= 400:
                        response["content"] = {problems.MEDIA_TYPE: response["content"]["application/json"]}
        return schema


api = DescribedApi(
    title="LRA portal: contracts of parent services",
    version="1",
    description=(
        "A parent service reports when a contract begins, is extended, is shortened or ends. Days are whole days of "
        "Tokyo; certificates never outlast their contract. Every call needs a key (Bearer); calls that change "
        "something need an Idempotency-Key. Refusals are problem+json (RFC 9457)."
    ),
    docs_url=None,
    urls_namespace="api",
)
problems.register(api)
api.add_router("", router)

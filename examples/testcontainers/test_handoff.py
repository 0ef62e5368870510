import pytest
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HttpWaitStrategy

from mockserver.client import Mockserver
from shop import Shop


@pytest.fixture(scope="session")
def server():
    ready = HttpWaitStrategy(8080, "/_mock/health/ready").for_status_code(200)
    with DockerContainer("mockserver").with_exposed_ports(8080).waiting_for(ready) as container:
        host, port = container.get_container_host_ip(), container.get_exposed_port(8080)
        with Mockserver(f"http://{host}:{port}") as server:
            yield server


def test_on_401_it_refreshes_and_retries_once(server):
    with server.sandbox() as sandbox:
        shop = Shop(sandbox.env)
        shop.renew()
        sandbox.tokens.expire(kind="site")
        assert shop.page().status_code == 200
        sandbox.verify(operation="ingrid.get_delivery_options", outcome="token.expired", exactly=1)

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

class HandoffTest {
    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void anExpiredTokenIsRefused() throws Exception {
        try (var mockserver = new GenericContainer<>("mockserver")
                .withExposedPorts(8080)
                .withEnv("MOCKSERVER_SEED", "1")
                .waitingFor(Wait.forHttp("/_mock/health/ready").forPort(8080))) {
            mockserver.start();
            var url = "http://" + mockserver.getHost() + ":" + mockserver.getMappedPort(8080);

            // A token without the work; your own hand-off stands here.
            var token = post(url + "/_mock/tokens", "{\"vendor\": \"ingrid\"}", "").replaceAll("(?s).*\"token\": \"([^\"]+)\".*", "$1");
            post(url + "/_mock/tokens/expire", "{}", "");
            post(url + "/ingrid/v1/delivery/options", "{}", token);

            var met = post(url + "/_mock/verify", "{\"outcome\": \"token.expired\", \"exactly\": 1}", "");
            assertEquals(true, met.contains("\"met\": true"));
        }
    }

    private String post(String url, String body, String token) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url)).header("Content-Type", "application/json");
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        return http.send(request.POST(HttpRequest.BodyPublishers.ofString(body)).build(), BodyHandlers.ofString()).body();
    }
}

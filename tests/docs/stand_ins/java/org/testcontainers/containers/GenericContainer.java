package org.testcontainers.containers;
public class GenericContainer<T extends GenericContainer<T>> implements AutoCloseable {
    public GenericContainer(String image) {}
    @SuppressWarnings("unchecked") T self() { return (T) this; }
    public T withExposedPorts(Integer... ports) { return self(); }
    public T withEnv(String name, String value) { return self(); }
    public T waitingFor(org.testcontainers.containers.wait.strategy.Wait wait) { return self(); }
    public void start() {}
    public String getHost() { return "127.0.0.1"; }
    public Integer getMappedPort(int port) { return Integer.valueOf(System.getenv("LOCAL_PORT")); }
    public void close() {}
}

"""gRPC: any method of any descriptor, by way of plain mappings. The only folder that imports grpc and protobuf."""

# The image for both architectures: `docker buildx bake -f docker/bake.hcl`, from the root of the checkout. Nothing in the
# Dockerfile is of one architecture: every package in requirements/runtime.lock has wheels, or a source, for both.
variable "REPOSITORY" { default = "argosy" }
variable "VERSION" { default = "dev" }
variable "REVISION" { default = "unknown" }
variable "BASE" { default = "python:3.11-slim-bookworm" }

target "default" {
  context    = "."
  dockerfile = "docker/Dockerfile"
  platforms  = ["linux/amd64", "linux/arm64"]
  tags       = ["${REPOSITORY}:${VERSION}"]
  args = {
    BASE     = BASE
    VERSION  = VERSION
    REVISION = REVISION
  }
}

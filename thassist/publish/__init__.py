"""Writers only: one module per format. A writer receives figures and texts and computes nothing."""

from thassist.publish.package import BuildResult, build, publish

__all__ = ["BuildResult", "build", "publish"]

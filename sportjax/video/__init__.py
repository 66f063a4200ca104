"""Video files in and out, tracking, cropping and optical flow."""

"""linghe-jobs: sealing recordings, rendering prompts, reports."""

---- MODULE Broken ----
This (* is no --algorithm and no module

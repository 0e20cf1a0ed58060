"""The control plane's side of the bastion: what tells it who may connect where, and until when."""

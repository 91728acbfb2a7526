"""A JupyterHub for a class: all read one folder, and each has limits. See README.md beside it.

TLTEACH_HUB=docker (default): a container of deploy/Dockerfile for each learner, whose limits hold.
TLTEACH_HUB=processes: plain processes of one account, to try a course out on one machine; nothing
keeps learners apart, and limits are told to them but not enforced.
"""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821  # JupyterHub hands it in
KIND = os.environ.get("TLTEACH_HUB", "docker")
SHARED = os.environ.get("TLTEACH_SHARED", "/srv/tlteach")  # `tlteach prefetch` fills it
STATE = Path(os.environ.get("TLTEACH_HUB_STATE", "/srv/jupyterhub"))
WORK = f"/home/{os.environ.get('NB_USER', 'jovyan')}/work"  # a learner's, in the container
MEMORY, CORES = "3G", 1.0  # of one learner: notebook 01 takes most of it, see README.md

c.JupyterHub.db_url = f"sqlite:///{STATE / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(STATE / "proxy.pid")
c.JupyterHub.concurrent_spawn_limit = 10  # a class opens its laptops at once: the rest wait
c.JupyterHub.active_server_limit = 40
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
c.Spawner.mem_limit, c.Spawner.cpu_limit = MEMORY, CORES
c.Spawner.default_url = "/lab"
c.Spawner.environment = {
    "TLTEACH_SHARED": SHARED,  # looked into before anything is computed, never written
    "TLTEACH_OFFLINE": "1",
    "TLTEACH_TIER": os.environ.get("TLTEACH_TIER", "class"),
    "OMP_NUM_THREADS": "1",  # a core each: threads of forty learners would wait for each other
}

if KIND == "docker":
    c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"  # pip install dockerspawner
    c.DockerSpawner.image = os.environ.get("TLTEACH_IMAGE", "tlteach")
    c.DockerSpawner.remove = True  # what a learner keeps is in the volume
    c.DockerSpawner.network_name = "tlteach"  # docker network create --internal tlteach
    c.JupyterHub.hub_ip = "0.0.0.0"
    c.DockerSpawner.volumes = {"learner-{username}": WORK}
    c.DockerSpawner.read_only_volumes = {SHARED: SHARED}
    c.DockerSpawner.environment = {"TLTEACH_PROGRESS": f"{WORK}/progress"}
    c.JupyterHub.authenticator_class = "native"  # pip install jupyterhub-nativeauthenticator
else:
    c.JupyterHub.ip = "127.0.0.1"  # it trusts whoever knocks: for this machine alone
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = str(STATE / "homes" / "{username}")
    c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
    c.Spawner.args = ["--allow-root"]
    c.JupyterHub.authenticator_class = "dummy"
    c.Authenticator.allow_all = True

if token := os.environ.get("TLTEACH_HUB_TOKEN"):  # for try_ten.py, which starts learners by the API
    c.JupyterHub.services = [{"name": "class", "api_token": token}]
    scopes = ["admin:users", "admin:servers", "access:servers"]
    c.JupyterHub.load_roles = [{"name": "class", "services": ["class"], "scopes": scopes}]
